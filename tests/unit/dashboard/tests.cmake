ringhold_unit_test(dashboard LINKS rh_dashboard)
target_compile_definitions(unit-dashboard PRIVATE RINGHOLD_DASHBOARD_FILE="${PROJECT_SOURCE_DIR}/proxy/dashboard/dashboard.html")
