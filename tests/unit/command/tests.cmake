ringhold_unit_test(command LINKS rh_command)
