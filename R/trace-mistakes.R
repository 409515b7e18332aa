# A mistake in the user's function: R's own error at the starting values, told
# with the call that raised it and what the operands of that call are.
#' @include trace-errors.R
NULL

# Errors of R itself, not of a class of the user's.
is_of_r <- function(e) {
  class(e)[[1L]] %in% c("simpleError", "subscriptOutOfBoundsError",
                        "notSubsettableError", "getvarError")
}

# `known`: names that the function could have used.
abort_mistake <- function(e, known) {
  call <- conditionCall(e)
  if (is_call_named(call)) call <- NULL
  shown <- if (!is.null(call)) sprintf("`%s`: ", call_text(call))
  text <- sub("[.]?\\s*$", ".", first_line(conditionMessage(e)))
  admle_abort("function", paste(c(
    paste0("The function stops at the starting values: ", shown, text),
    operands_text(e$operands, conditionMessage(e)), mistake_hint(e, known)
  ), collapse = " "), cause = e)
}

# Whether it is the call of the function itself, by call_named().
is_call_named <- function(call) {
  arguments <- as.list(call)[-1L]
  is.call(call) && function_name(call) %in% c("f", "f.recorded") &&
    all(vapply(arguments, is.symbol, NA)) &&
    identical(names(arguments), as.character(arguments))
}

# While `e` is being raised by the user's code: the operands of the call, as
# list(text, odd), where `odd` are no numbers.
call_operands <- function(e) {
  at <- user_frame()
  if (at$own == 0L) {
    return(plain_operands(e))
  }
  direct <- at$own > at$call && !is.null(conditionCall(e))
  frame <- sys.frame(if (direct) at$own else sys.parents()[[at$call]])
  operands_in(user_call(e), frame)
}

# The same where the function is not under the mask: the last frame that is not
# a package's.
plain_operands <- function(e) {
  own <- vapply(seq_len(sys.nframe() - 1L), function(k) {
    where <- environment(sys.function(k))
    !is.null(where) && !isNamespace(topenv(where)) &&
      !identical(topenv(where), baseenv())
  }, NA)
  if (any(own)) operands_in(conditionCall(e), sys.frame(max(which(own))))
}

operands_in <- function(call, frame) {
  operands <- Filter(is.language, as.list(call)[-1L])
  operands <- operands[!vapply(operands, identical, NA, quote(expr = ))]
  found <- lapply(operands, function(code) {
    tryCatch(list(value = eval(code, frame)), error = function(again) NULL)
  })
  named <- vapply(operands, call_text, "", width = 30L)
  keep <- lengths(found) == 1L & !duplicated(named)
  values <- lapply(found[keep], `[[`, "value")
  list(
    text = sprintf("`%s` is %s", named[keep], vapply(values, what_it_is, "")),
    odd = vapply(values, is_no_number, NA)
  )
}

# The operands that are no numbers; or the shapes of all, if the error is about
# those.
operands_text <- function(operands, message) {
  shown <- if (any(operands$odd)) operands$odd & grepl(type_words, message) else
    grepl(shape_words, message)
  if (any(shown)) {
    sprintf("%s.", paste(operands$text[shown], collapse = ", "))
  }
}

# R's errors about types, and about shapes.
type_words <- paste0("numeric|type|list|meaningful|class|coerc|valid|",
                     "character|factor|defined")
shape_words <- "conform|length|dim|extent|subscript|bounds|square|rows|columns"

is_no_number <- function(x) {
  !is_traced(x) && (is.object(x) || !(is.numeric(x) || is.logical(x)))
}

what_it_is <- function(x) {
  if (is.factor(x)) {
    sprintf("a factor of %s, whose codes are as.integer() of it",
            counted(nlevels(x), "level"))
  } else if (is.character(x)) {
    "text"
  } else if (is.data.frame(x)) {
    "a data frame, whose columns as.matrix() puts into a matrix"
  } else if (length(dim(x)) == 2L && !is_no_number(x)) {
    sprintf("a %d x %d matrix", nrow(x), ncol(x))
  } else if (inherits(x, c("Date", "POSIXt", "difftime"))) {
    "a date or time, whose number is as.numeric() of it"
  } else if (methods::is(x, "Matrix")) {
    sprintf("an object of class \"%s\", which as.vector() makes numbers of",
            class(x)[[1L]])
  } else if (is_no_number(x)) {
    described(x)
  } else if (length(x) == 1L) {
    "one number"
  } else {
    sprintf("a vector of length %d", length(x))
  }
}

# What to write instead, by R's own words.
mistake_hint <- function(e, known) {
  text <- conditionMessage(e)
  call <- conditionCall(e)
  name <- sub("^object '(.*)' not found$", "\\1", text)
  if (name != text) {
    return(paste(c(
      "It is neither a parameter in `start`, nor a column of `data`, nor a",
      "variable where the function was written.",
      near_text(name, c(known, ls(globalenv())))
    ), collapse = " "))
  }
  name <- sub("^could not find function \"(.*)\"$", "\\1", text)
  if (name != text) {
    return(near_text(name, unlist(lapply(search(), ls)), "()"))
  }
  if (grepl("^unused argument", text)) {
    return(arguments_text(call))
  }
  if (grepl("^\\$ operator is invalid for atomic", text)) {
    part <- vapply(as.list(call)[2:3], call_text, "")
    return(sprintf(paste(
      "An element of a vector is %s[\"%s\"]; %s$%s is for a parameter that is",
      "a list, start = list(%s = list(%s = ...))."
    ), part[1L], part[2L], part[1L], part[2L], part[1L], part[2L]))
  }
  if (grepl("type 'closure' is not subsettable", text)) {
    name <- if (is.call(call)) call_text(call[[2L]]) else "it"
    return(sprintf(paste0(
      "`%s` is here a function of R, not data.%s"
    ), name, if (name == "data") paste(
      " The columns of `data` are visible by their names alone; an argument",
      "called `data` is all of them."
    ) else ""))
  }
  if (grepl("condition has length", text)) {
    return("ifelse() chooses for each element, `if` once for all.")
  }
}

# What the function that was called does take.
arguments_text <- function(call) {
  fn <- tryCatch(get(function_name(call), mode = "function"),
                 error = function(e) NULL)
  if (is.function(fn) && !is.primitive(fn)) {
    sprintf("The arguments of `%s()` are %s.", function_name(call),
            enumerate(names(formals(fn))))
  }
}

# A name that is like another one but for its case, two letters that changed
# places, or one other letter.
near_text <- function(name, known, after = "") {
  known <- setdiff(known, name)
  known <- known[abs(nchar(known) - nchar(name)) <= 1L]
  distance <- utils::adist(name, known)
  near <- tolower(known) == tolower(name) |
    nchar(name) > 2L & (distance <= 1L + (nchar(name) > 5L) |
                          sorted_letters(known) == sorted_letters(name))
  if (any(near)) {
    sprintf("Was `%s%s` meant?",
            known[near][[which.min(distance[near])]], after)
  }
}

sorted_letters <- function(x) {
  vapply(strsplit(x, ""), function(letters) {
    paste(sort(letters), collapse = "")
  }, "")
}
