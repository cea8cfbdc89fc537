# What this session of R knows: the current run, what was said already, engines by project.
the <- new.env(parent = emptyenv())
the$run <- NULL
the$said <- character()
the$engines <- list()
the$hooked <- FALSE
# The finalizer of this one is the end of the session.
the$exit_hook <- NULL
the$failure <- NULL
the$quit_status <- NULL
