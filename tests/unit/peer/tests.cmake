ringhold_unit_test(peer LINKS rh_peer)
