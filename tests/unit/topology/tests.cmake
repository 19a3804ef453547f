ringhold_unit_test(topology LINKS rh_topology nlohmann_json::nlohmann_json)
target_compile_definitions(unit-topology PRIVATE CLUSTER_DIR="${PROJECT_SOURCE_DIR}/cluster")
