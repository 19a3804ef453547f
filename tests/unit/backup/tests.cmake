ringhold_unit_test(backup LINKS rh_backup)
target_compile_definitions(unit-backup PRIVATE GOLDEN_BACKUPS="${PROJECT_SOURCE_DIR}/tests/golden/backups")
