ringhold_unit_test(reactor LINKS rh_reactor)
