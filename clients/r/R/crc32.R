# CRC-32 as in zlib. Numbers are held in two halves of 16 bits: 0x80000000 is no integer in R, it is NA.

crc32_table <- local({
  high <- low <- integer(256L)
  for (byte in 0:255) {
    h <- 0L
    l <- byte
    for (bit in 1:8) {
      odd <- l %% 2L == 1L
      l <- l %/% 2L + (h %% 2L) * 32768L
      h <- h %/% 2L
      if (odd) {
        h <- bitwXor(h, 0xEDB8L)
        l <- bitwXor(l, 0x8320L)
      }
    }
    high[byte + 1L] <- h
    low[byte + 1L] <- l
  }
  list(high = high, low = low)
})

# The checksum as a number below 2^32.
crc32 <- function(bytes) {
  h <- l <- 0xFFFFL
  for (byte in as.integer(bytes)) {
    at <- bitwXor(l %% 256L, byte) + 1L
    l <- bitwXor(l %/% 256L + (h %% 256L) * 256L, crc32_table$low[at])
    h <- bitwXor(h %/% 256L, crc32_table$high[at])
  }
  bitwXor(h, 0xFFFFL) * 65536 + bitwXor(l, 0xFFFFL)
}

# XOR of two numbers below 2^32.
xor32 <- function(a, b) {
  bitwXor(a %/% 65536, b %/% 65536) * 65536 + bitwXor(a %% 65536, b %% 65536)
}

# Numbers below 2^32 as integers with the same bits. 2^31 becomes NA, whose bits are just that.
as_int32 <- function(x) {
  high <- x >= 2147483648
  x[high] <- x[high] - 4294967296
  x[x == -2147483648] <- NA
  as.integer(x)
}
