// Holds a JSON value to a schema of /openapi.json; knows the part of JSON Schema 2020-12 that the document uses.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace carevoice::api {

/// "" when `value` fits; else where it does not and why. `document` holds components.schemas.
std::string schema_fault(const boost::json::object& document, const boost::json::object& schema,
                         const boost::json::value& value, const std::string& place = "$");

/// The schema that "#/components/schemas/Name" stands for; throws when there is none.
const boost::json::object& resolve(const boost::json::object& document, const boost::json::object& schema);

}  // namespace carevoice::api
