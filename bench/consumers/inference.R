# Covariances, tests and intervals

consumer("sandwich", sandwich::estfun(fit))
consumer("sandwich", sandwich::bread(fit))
consumer("sandwich", sandwich::sandwich(fit))
consumer("sandwich", sandwich::vcovOPG(fit))
consumer("sandwich", sandwich::vcovHC(fit, type = "HC0"))
consumer("sandwich", sandwich::vcovHC(fit, type = "HC3"))
consumer("sandwich", sandwich::vcovCL(fit, cluster = d$firm))
consumer("sandwich", sandwich::vcovCL(fit, cluster = ~ firm + year),
         within = 1e-7, note = "a difference of matrices")
consumer("sandwich", sandwich::vcovPL(fit, cluster = ~ firm, order.by = ~ year))
consumer("sandwich", sandwich::vcovPC(fit, cluster = d$firm, order.by = d$year))
consumer("sandwich", sandwich::vcovHAC(fit), within = Inf,
         note = "its bandwidth leaves out the column called (Intercept)")
consumer("sandwich", sandwich::kernHAC(fit, bw = 2))
consumer("sandwich", sandwich::NeweyWest(fit, lag = 4, prewhite = FALSE))
consumer("sandwich", {
  set.seed(1)
  sandwich::vcovBS(fit, R = 20)
}, within = 1e-6, note = "glm() refits stop at its tolerance")
consumer("sandwich", sandwich::vcovJK(fit, cluster = ~ firm), within = 1e-6,
         note = "glm() refits stop at its tolerance")
consumer("lmtest", lmtest::coeftest(fit))
consumer("lmtest", lmtest::coeftest(fit, vcov. = sandwich::vcovCL,
                                    cluster = ~ firm))
consumer("lmtest", lmtest::coeftest(fit)[1:3, ], "normal")
consumer("lmtest", lmtest::coefci(fit))
consumer("lmtest", lmtest::coefci(fit)[1:3, ], "normal")
consumer("lmtest", lmtest::lrtest(fit))
consumer("lmtest", lmtest::lrtest(fit, "kind"))
consumer("lmtest", lmtest::waldtest(fit, "kind", test = "Chisq")[2, 3:4])
consumer("car", car::linearHypothesis(fit, test = "Chisq", "x + z = 0")[
  2, c("Chisq", "Pr(>Chisq)")])
consumer("car", car::linearHypothesis(fit, c("kindb", "kindc"), test = "Chisq",
                                      vcov. = sandwich::sandwich)[
                                        2, c("Chisq", "Pr(>Chisq)")])
consumer("car", car::deltaMethod(fit, "x / z"))
consumer("car", car::Anova(fit, type = 2, test.statistic = "Wald"))
consumer("car", car::Anova(fit, type = 3, test.statistic = "LR"))
consumer("car", car::vif(fit))
consumer("multcomp", coef(summary(multcomp::glht(fit, "x - z = 0"))))
consumer("multcomp", confint(multcomp::glht(
  fit, multcomp::mcp(kind = "Tukey")), calpha = 1.96)$confint,
  says = "model.matrix", note = "admle's own reason is printed before it")
consumer("MASS", MASS::dropterm(fit, test = "Chisq")[
  c("AIC", "LRT", "Pr(Chi)")])
consumer("MASS", coef(MASS::stepAIC(fit, trace = 0)))
