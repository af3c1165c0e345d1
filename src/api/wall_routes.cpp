#include "api/wall_routes.h"

#include <array>
#include <utility>

namespace carevoice::api {

namespace {

/// As web/src/app.tsx has them.
constexpr std::array pages{"alerts", "analytics", "calls", "patients", "plan", "system"};

/// Nothing from elsewhere runs, loads or is asked, and no other site may frame the wall.
constexpr const char* content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "media-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

constexpr const char* not_built_page =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Carevoice</title>"
    "<h1>Carevoice runs, without its wall</h1><p>The wall was not built into this program. "
    "<code>./dev web</code> builds it, and the next <code>./dev build</code> takes it in.</p>"
    "<p>The API is described at <a href=\"/docs\">/docs</a>.</p></html>";

void protect(net::HttpResponse& response) {
    response.headers.set("Content-Security-Policy", content_policy);
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
}

/// True when If-None-Match names the tag, weakly or not, or everything (RFC 9110, section 13.1.2).
bool has_it(const net::HttpRequest& request, std::string_view etag) {
    const auto known = request.headers.find("If-None-Match");
    return known && (*known == "*" || known->find(etag) != std::string_view::npos);
}

net::HttpResponse answer(const WallFiles::File& file, const net::HttpRequest& request) {
    const bool unchanged = has_it(request, file.etag);
    auto response = net::text_response(unchanged ? 304 : 200, file.media_type, unchanged ? std::string() : file.body);
    response.headers.set("ETag", file.etag);
    // Pages are asked for anew each time, so that a new release is there at the next load.
    response.headers.set("Cache-Control", file.is_fingerprinted ? "public, max-age=31536000, immutable" : "no-cache");
    protect(response);
    return response;
}

}  // namespace

void add_wall(net::Router& router, std::shared_ptr<const WallFiles> files) {
    auto page = [files](net::HttpRequest request) -> async::Task<net::HttpResponse> {
        if (const auto* const index = files->find("index.html")) co_return answer(*index, request);
        auto missing = net::text_response(503, "text/html; charset=utf-8", not_built_page);
        protect(missing);
        co_return missing;
    };
    router.on("GET", "/", page);
    for (const std::string name : pages) {
        router.on("GET", "/" + name, page);
        router.on("GET", "/" + name + "/{rest...}", page);
    }
    auto file = [files](net::HttpRequest request) -> async::Task<net::HttpResponse> {
        const auto* const found = files->find(std::string_view(request.path).substr(1));
        if (found != nullptr) co_return answer(*found, request);
        co_return net::text_response(404, "text/plain; charset=utf-8", "There is no such file.\n");
    };
    router.on("GET", "/assets/{name...}", file);
    router.on("GET", "/favicon.svg", file);
}

}  // namespace carevoice::api
