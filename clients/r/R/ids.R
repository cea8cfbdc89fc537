# Ids: 26 lower-case base32 characters, 130 bits.

id_letters <- c(letters, "2", "3", "4", "5", "6", "7")

random_id <- function() base32(random_bytes(17L))

# The id that everybody who knows the text arrives at.
content_id <- function(text) {
  hex <- cli::hash_sha256(enc2utf8(text))
  base32(as.raw(strtoi(substring(hex, seq(1L, 33L, 2L), seq(2L, 34L, 2L)), 16L)))
}

is_id <- function(text) is.character(text) && length(text) == 1L && grepl("^[a-z2-7]{26}$", text)

# Never from R's own generator: a script's random numbers are the same with and without datmo.
random_bytes <- function(count) {
  if (file.exists("/dev/urandom")) {
    source <- file("/dev/urandom", "rb", raw = TRUE)
    on.exit(close(source))
    return(readBin(source, "raw", count))
  }
  the$drawn <- (if (is.null(the$drawn)) 0 else the$drawn) + 1
  seed <- paste(tempfile(), Sys.getpid(), the$drawn, format(now(), digits = 22), proc.time()[[3L]])
  hex <- cli::hash_sha256(seed)
  as.raw(strtoi(substring(hex, seq(1L, 2L * count, 2L), seq(2L, 2L * count, 2L)), 16L))
}

base32 <- function(bytes) {
  # rawToBits() begins with the lowest bit of each byte.
  bits <- matrix(as.integer(rawToBits(bytes)), 8L)[8:1, ]
  values <- colSums(matrix(bits[seq_len(130L)], 5L) * c(16L, 8L, 4L, 2L, 1L))
  paste(id_letters[values + 1L], collapse = "")
}
