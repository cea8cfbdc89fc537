# Seconds since the epoch, a plain number.
now <- function() unclass(Sys.time())

# RFC 3339 in UTC with milliseconds, as times stand in documents.
rfc3339 <- function(seconds = now()) {
  # A little more, or 5.678 would become 5.677.
  millis <- floor(as.numeric(seconds) * 1000 + 1e-3)
  whole <- format(.POSIXct(millis %/% 1000, tz = "UTC"), "%Y-%m-%dT%H:%M:%S")
  sprintf("%s.%03.0fZ", whole, millis %% 1000)
}

# The other way round: POSIXct in UTC, NA for what is no time.
from_rfc3339 <- function(text) {
  pattern <- "^([0-9-]+)T([0-9:]+)(\\.[0-9]+)?Z$"
  text[!grepl(pattern, text)] <- NA
  whole <- as.POSIXct(sub(pattern, "\\1 \\2", text), tz = "UTC", format = "%Y-%m-%d %H:%M:%S")
  part <- sub(pattern, "0\\3", text)
  whole + as.numeric(part)
}
