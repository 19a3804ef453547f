ringhold_unit_test(wire LINKS rh_wire)
