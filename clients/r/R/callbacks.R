#' Log what caret trains
#'
#' Wraps a summary function of `caret::trainControl()`: each resample's measures are logged to the current run as they
#' are computed; what caret computes of made-up data before it trains is not.
#'
#' @param summary The summary function that is wrapped; `caret::defaultSummary()` when absent.
#' @param prefix Stands before the names.
#' @return A function for `summaryFunction`.
#' @examples
#' control <- function() {
#'   caret::trainControl(method = "cv", number = 5, summaryFunction = datmo_summary_caret())
#' }
#' @export
datmo_summary_caret <- function(summary = NULL, prefix = "") {
  function(data, lev = NULL, model = NULL) {
    compute <- if (is.null(summary)) caret::defaultSummary else summary
    measures <- compute(data, lev, model)
    # Before it trains, caret tries the function on made-up data to learn the names.
    on_trial <- any(vapply(sys.calls(), function(call) identical(call[[1L]], quote(evalSummaryFunction)), TRUE))
    if (!on_trial) datmo_log(stats::setNames(as.list(as.double(measures)), paste0(prefix, names(measures))))
    measures
  }
}
