# Effects and predictions
consumer("marginaleffects", marginaleffects::avg_slopes(
  fit, eps = 0.01, numderiv = "richardson")[c("estimate", "std.error")])
consumer("marginaleffects", marginaleffects::avg_slopes(
  fit, vcov = "HC1", eps = 0.01, numderiv = "richardson")[["std.error"]])
consumer("marginaleffects", marginaleffects::avg_slopes(
  fit, vcov = ~ firm, eps = 0.01, numderiv = "richardson")[["std.error"]])
consumer("marginaleffects", marginaleffects::avg_slopes(fit, vcov = FALSE))
consumer("marginaleffects", marginaleffects::predictions(
  fit, type = "response", numderiv = "richardson")[
  c("estimate", "std.error")])
consumer("marginaleffects", marginaleffects::avg_comparisons(
  fit, variables = "kind", numderiv = "richardson")[c("estimate", "std.error")])
consumer("marginaleffects", marginaleffects::hypotheses(
  fit, "x^2 = z", numderiv = "richardson")[c("estimate", "std.error")])
consumer("marginaleffects", marginaleffects::hypotheses(
  fit, vcov = "HC1")[c("estimate", "std.error")])
consumer("emmeans", as.data.frame(emmeans::emmeans(fit, "kind"))[2:3])
consumer("emmeans", as.data.frame(emmeans::emmeans(
  fit, "kind", type = "response"))[2:3])
consumer("emmeans", as.data.frame(pairs(emmeans::emmeans(fit, "kind"))))
consumer("emmeans", as.data.frame(emmeans::emtrends(fit, ~ kind, var = "x")),
         within = 1e-7, note = "trends are differences")
consumer("DHARMa", DHARMa::simulateResiduals(fit, n = 50, seed = 1)$
           scaledResiduals)
consumer("DHARMa", DHARMa::testDispersion(
  DHARMa::simulateResiduals(fit, n = 50, seed = 1), plot = FALSE)$p.value)
consumer("stats", predict(fit, d[1:5, ], type = "response"))
consumer("stats", predict(fit, d[1:5, ], type = "link", se.fit = TRUE)[1:2])
consumer("stats", fitted(fit))
consumer("stats", residuals(fit, "pearson"))
consumer("stats", residuals(fit, "deviance"))
consumer("stats", simulate(fit, 2, seed = 1))
