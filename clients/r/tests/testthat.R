library(testthat)
library(datmo)

test_check("datmo")
