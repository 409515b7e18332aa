# Tables
consumer("broom", generics::tidy(fit))
consumer("broom", generics::tidy(fit, conf.int = TRUE)[1:3, 2:7], "normal")
consumer("broom", generics::tidy(fit, exponentiate = TRUE))
consumer("broom", generics::glance(fit)[c("logLik", "AIC", "BIC", "nobs")])
consumer("broom", generics::augment(fit, type.predict = "response",
                                    type.residuals = "pearson")[
  c(".fitted", ".resid")])
consumer("broom", generics::augment(fit, newdata = d[1:4, ], se_fit = TRUE,
                                    type.predict = "response")[
  c(".fitted", ".se.fit")])
consumer("insight", insight::get_parameters(fit))
consumer("insight", insight::get_statistic(fit))
consumer("insight", insight::get_varcov(fit))
consumer("insight", insight::get_varcov(fit, vcov = "vcovCL",
                                        vcov_args = list(cluster = ~ firm)))
consumer("insight", insight::find_statistic(fit), compare = FALSE,
         note = "text")
consumer("insight", insight::find_formula(fit), compare = FALSE, note = "code")
consumer("insight", insight::find_parameters(fit), compare = FALSE,
         note = "text")
consumer("insight", insight::find_response(fit), compare = FALSE, note = "text")
consumer("insight", insight::find_predictors(fit), compare = FALSE,
         note = "text")
consumer("insight", insight::get_data(fit)[c("x", "z", "count")])
consumer("insight", insight::n_obs(fit))
consumer("insight", insight::get_df(fit, type = "model"))
consumer("insight", insight::get_loglikelihood(fit))
consumer("insight", insight::link_inverse(fit)(c(-1, 2)))
consumer("insight", insight::link_function(fit)(c(1, 2)))
consumer("insight", insight::model_info(fit), compare = FALSE,
         note = "`NULL` by function")
consumer("parameters", parameters::model_parameters(fit, ci_method = "wald")[
  c("Coefficient", "SE", "CI_low", "CI_high", "p")])
consumer("parameters", parameters::model_parameters(
  fit, ci_method = "wald", vcov = "vcovCL",
  vcov_args = list(cluster = d$firm))[c("SE", "p")])
consumer("parameters", parameters::standard_error(fit))
consumer("parameters", parameters::p_value(fit))
consumer("performance", performance::model_performance(fit)[
  c("AIC", "AICc", "BIC")])
consumer("performance", performance::r2_mcfadden(fit))
consumer("performance", performance::r2(fit), "normal")
consumer("modelsummary", number_in(modelsummary::modelsummary(
  fit, output = "data.frame", fmt = NULL, gof_map = NA)[["(1)"]]))
consumer("modelsummary", number_in(modelsummary::modelsummary(
  fit, output = "data.frame", fmt = NULL, gof_map = NA,
  vcov = ~ firm)[["(1)"]]))
consumer("modelsummary", {
  gof <- modelsummary::get_gof(fit)
  unlist(gof[match(c("aic", "bic", "loglik", "nobs"), tolower(names(gof)))])
})
consumer("modelsummary", modelsummary::modelsummary(fit, output = "markdown"),
         compare = FALSE, note = "text")
consumer("texreg", texreg::extract(fit))
consumer("texreg", texreg::screenreg(fit), compare = FALSE, note = "text")
consumer("stargazer", stargazer::stargazer(lmtest::coeftest(fit),
                                           type = "text"),
         compare = FALSE, note = "text; through coeftest()")
consumer("knitr", knitr::kable(summary(fit)), compare = FALSE, note = "text")
consumer("knitr", knitr::knit_print(summary(fit)), compare = FALSE,
         note = "as at the console")
consumer("knitr", as.data.frame(coef(summary(fit))))
