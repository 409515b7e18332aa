# Every derivative function is computed both ways, and they must agree.
options(admle.remember = "verify")
