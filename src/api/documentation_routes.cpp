#include "api/docs_page.h"
#include "api/openapi.h"

#include <boost/json/serialize.hpp>

namespace carevoice::api {

DocumentationRoutes::DocumentationRoutes() {
    const auto document = openapi_document(route_table());
    openapi_ = boost::json::serialize(document);
    page_ = docs_page(document);
}

Answer DocumentationRoutes::openapi(net::HttpRequest) {
    co_return net::text_response(200, "application/json", openapi_);
}

Answer DocumentationRoutes::page(net::HttpRequest) {
    auto response = net::text_response(200, "text/html; charset=utf-8", page_);
    // Nothing in it runs, and nothing comes from elsewhere.
    response.headers.set("Content-Security-Policy",
                         "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'");
    response.headers.set("X-Content-Type-Options", "nosniff");
    co_return response;
}

}  // namespace carevoice::api
