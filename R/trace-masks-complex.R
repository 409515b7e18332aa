# Masks of complex numbers and of the discrete Fourier transform.
#' @include trace-masks.R
#' @include traced-complex.R
NULL

define_masks("base",
  complex = function(length.out = 0L, real = numeric(), imaginary = numeric(),
                     modulus = 1, argument = 0) {
    if (!any_traced(list(real, imaginary, modulus, argument))) {
      call <- sys.call()
      call[[1L]] <- base::complex
      return(eval(call, parent.frame()))
    }
    real <- flat(real)
    imaginary <- flat(imaginary)
    if (missing(modulus) && missing(argument)) {
      if (length(real) == 0L) real <- zeros_like(imaginary)
      if (length(imaginary) == 0L) imaginary <- zeros_like(real)
      complex_of(real, imaginary)
    } else {
      polar(flat(modulus), flat(argument))
    }
  },
  is.complex = function(x) is_traced_complex(x) || base::is.complex(x),
  as.complex = function(x, ...) {
    if (is_traced(x)) complex_of(flat(x), numeric(length(x)))
    else if (is_traced_complex(x)) complex_of(flat(x@re), flat(x@im))
    else base::as.complex(x, ...)
  }
)

# Of the columns of a matrix, whose names stay.
fourier_columns <- function(x, inverse) {
  parts <- as_pair(x)
  d <- dim(parts$re)
  keep <- function(part) {
    traced_as(part, d, dimnames(parts$re), kind_number)
  }
  both <- traced_concat(
    list(flat(parts$re), flat(parts$im)), c(d[1L], 2L * d[2L]), NULL
  )
  both <- mat_linear("fourier", both, upper = inverse)
  complex_of(keep(both[, seq_len(d[2L]), drop = FALSE]),
             keep(both[, d[2L] + seq_len(d[2L]), drop = FALSE]))
}

turned_pair <- function(x) complex_of(t(x@re), t(x@im))

mat_fft <- function(z, inverse) {
  check_plain(inverse = inverse)
  inverse <- is.logical(inverse) && inverse || is.numeric(inverse) &&
    inverse != 0
  parts <- as_pair(z)
  d <- dim(parts$re)
  if (length(d) > 2L) {
    unsupported("fft() of an array of parameters", "Transform its matrices.")
  }
  if (length(d) == 2L) {
    columns <- fourier_columns(z, inverse)
    return(turned_pair(fourier_columns(turned_pair(columns), inverse)))
  }
  one <- function(x) if (is_traced(x)) as_matrix(flat(x)) else matrix(x)
  out <- fourier_columns(complex_of(one(parts$re), one(parts$im)), inverse)
  named <- function(part) {
    traced_as(flat(part), NULL, names(parts$re), kind_number)
  }
  complex_of(named(out@re), named(out@im))
}

define_masks("stats",
  fft = function(z, inverse = FALSE) {
    if (is_traced(z) || is_traced_complex(z)) {
      mat_fft(z, inverse)
    } else {
      stats::fft(z, inverse)
    }
  },
  mvfft = function(z, inverse = FALSE) {
    if (is_traced(z) || is_traced_complex(z)) {
      check_plain(inverse = inverse)
      fourier_columns(z, isTRUE(as.logical(inverse)))
    } else {
      stats::mvfft(z, inverse)
    }
  }
)
define_rewritten("stats", "convolve")
