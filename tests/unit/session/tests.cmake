ringhold_unit_test(session LINKS rh_session)
