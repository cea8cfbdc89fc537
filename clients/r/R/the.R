# What this session of R knows: the current run, what was said already, engines by project.
the <- new.env(parent = emptyenv())
the$run <- NULL
the$said <- character()
the$engines <- list()
the$hooked <- FALSE
the$failure <- NULL
the$quit_status <- NULL
