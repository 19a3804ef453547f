ringhold_unit_test(ring LINKS rh_ring nlohmann_json::nlohmann_json)
target_compile_definitions(unit-ring PRIVATE RING_VECTORS="${CMAKE_CURRENT_SOURCE_DIR}/ring/vectors.json")
