// /openapi.json: the route table as an OpenAPI 3.1 document.
#pragma once

#include "api/route_table.h"

#include <boost/json/object.hpp>

#include <span>
#include <string_view>

namespace carevoice::api {

boost::json::object openapi_document(std::span<const Route> routes);

/// "calls", "patients", "alerts", "twilio" or "service".
std::string_view subject_of(const Route& route) noexcept;

}  // namespace carevoice::api
