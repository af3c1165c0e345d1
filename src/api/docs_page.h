// /docs: an OpenAPI document as one HTML page, without a script and without anything from elsewhere.
#pragma once

#include <boost/json/object.hpp>

#include <string>

namespace carevoice::api {

/// Every operation is a <details> element: a keyboard opens it, a browser's own search finds what is in it. Reads what
/// openapi_document() writes.
std::string docs_page(const boost::json::object& document);

}  // namespace carevoice::api
