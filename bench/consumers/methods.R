# Methods of stats
consumer("stats", coef(fit))
consumer("stats", vcov(fit))
consumer("stats", vcov(fit, complete = FALSE))
consumer("stats", confint.default(fit))
consumer("stats", confint(fit, method = "profile"), within = 1e-2,
         note = "glm() interpolates its profiles")
consumer("stats", logLik(fit))
consumer("stats", c(AIC(fit), BIC(fit), nobs(fit)))
consumer("stats", df.residual(fit), "normal")
consumer("stats", coef(summary(fit))[1:3, ], "normal")
consumer("stats", anova(fit, update(fit, subset = year > 0)),
         compare = FALSE, note = "anova() of glm() is of the deviance")
consumer("stats", formula(fit), compare = FALSE, note = "code")
consumer("stats", attr(terms(fit), "term.labels"), compare = FALSE,
         note = "text")
consumer("stats", model.frame(fit))
consumer("stats", model.matrix(fit))
consumer("stats", family(fit)$linkinv(1))
consumer("stats", coef(update(fit, subset = year > 2)), within = 1e-7,
         note = "glm() stops at its tolerance")
consumer("stats", plot(profile(fit)), compare = FALSE, note = "a plot")
consumer("stats", drop1(fit, test = "Chisq")[["AIC"]])
