// The shapes that /openapi.json names. Internal to the room.
#pragma once

#include <string_view>

namespace carevoice::api {

/// A JSON object with the members "schemas" (JSON Schema 2020-12, as OpenAPI 3.1 has it) and "parameters". The tests
/// hold every answer of the service to them.
std::string_view openapi_schemas() noexcept;

}  // namespace carevoice::api
