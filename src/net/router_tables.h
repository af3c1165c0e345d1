// What a Router has been told, and how a request finds its route. Internal to net.
#pragma once

#include "net/server.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::net {

struct Router::Tables {
    enum class SegmentKind { literal, parameter, rest };  // in order of preference
    struct Segment {
        SegmentKind kind;
        std::string text;  ///< the literal, or the parameter's name
    };

    struct Route {
        std::string pattern;
        std::vector<Segment> segments;
        std::vector<std::pair<std::string, Handler>> handlers;  ///< by method
        UpgradeCheck websocket_check;
        WebSocketHandler websocket;
        std::string stream_type;
        UpgradeCheck stream_check;
        StreamHandler stream;

        /// nullptr when there is none for that method.
        [[nodiscard]] const Handler* find(std::string_view method) const noexcept;
        /// Value of an Allow header: "GET, HEAD, OPTIONS".
        [[nodiscard]] std::string allowed_methods() const;
    };

    /// The route of `pattern`, made when it is new.
    Route& at(std::string pattern);

    /// Fills route and path_params of `request` from its target. nullptr when no pattern fits.
    const Route* match(HttpRequest& request) const;

    /// The body of an error, by the owner's maker if there is one. Never throws.
    [[nodiscard]] HttpResponse error(int status, std::string_view detail, const HttpRequest& request) const;
    void finished(const HttpRequest& request, int status, milliseconds took) const;

    std::vector<Route> routes;
    std::function<HttpResponse(int, std::string_view, const HttpRequest&)> make_error;
    std::function<void(const HttpRequest&, int, milliseconds)> observe;
};

/// Fills path and query of `request` from its target. invalid_input when the target is neither a path, an absolute URL
/// nor "*", or its escapes are broken.
Result<> parse_target(HttpRequest& request);

}  // namespace carevoice::net
