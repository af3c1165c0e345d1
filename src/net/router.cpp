#include "core/log.h"
#include "net/router_tables.h"
#include "net/server.h"

#include <algorithm>
#include <stdexcept>

namespace carevoice::net {

namespace {

using Segment = Router::Tables::Segment;
using SegmentKind = Router::Tables::SegmentKind;

std::vector<std::string_view> split_path(std::string_view path) {
    std::vector<std::string_view> segments;
    path.remove_prefix(1);
    for (;;) {
        const auto slash = path.find('/');
        segments.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return segments;
        path.remove_prefix(slash + 1);
    }
}

Segment parse_segment(std::string_view text, bool is_last) {
    if (!text.starts_with('{')) return {SegmentKind::literal, std::string(text)};
    if (!text.ends_with('}')) throw std::logic_error("a route's segment opens a brace and does not close it");
    auto name = text.substr(1, text.size() - 2);
    if (!name.ends_with("...")) return {SegmentKind::parameter, std::string(name)};
    if (!is_last) throw std::logic_error("only a route's last segment can take the rest of the path");
    name.remove_suffix(3);
    return {SegmentKind::rest, std::string(name)};
}

std::vector<Segment> parse_pattern(std::string_view pattern) {
    if (!pattern.starts_with('/')) throw std::logic_error("a route starts with '/'");
    const auto texts = split_path(pattern);
    std::vector<Segment> segments;
    for (std::size_t i = 0; i < texts.size(); ++i) segments.push_back(parse_segment(texts[i], i + 1 == texts.size()));
    return segments;
}

bool fits(const std::vector<Segment>& pattern, const std::vector<std::string_view>& path) noexcept {
    const bool takes_rest = pattern.back().kind == SegmentKind::rest;
    if (takes_rest ? path.size() < pattern.size() : path.size() != pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i].kind == SegmentKind::literal && pattern[i].text != path[i]) return false;
        if (pattern[i].kind == SegmentKind::parameter && path[i].empty()) return false;
    }
    return true;
}

bool is_preferred(const std::vector<Segment>& left, const std::vector<Segment>& right) noexcept {
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(),
                                        [](const Segment& a, const Segment& b) { return a.kind < b.kind; });
}

std::string_view path_of(std::string_view target) noexcept {
    // An absolute URL as target (RFC 9112, section 3.2.2) means its path.
    if (const auto scheme = target.find("://"); !target.starts_with('/') && scheme != std::string_view::npos) {
        const auto path = target.find('/', scheme + 3);
        target = path == std::string_view::npos ? "/" : target.substr(path);
    }
    return target.substr(0, target.find('?'));
}

}  // namespace

Result<> parse_target(HttpRequest& request) {
    const auto path = path_of(request.target);
    if (!path.starts_with('/') && request.target != "*")
        return Error{Errc::invalid_input, "the request target is not a path"};
    auto decoded = decode_component(path);
    if (decoded.has_error()) return Error{Errc::invalid_input, "in the path: " + decoded.error().detail};
    request.path = std::move(*decoded);
    const auto question_mark = request.target.find('?');
    if (question_mark == std::string::npos) return {};
    auto query = parse_form(std::string_view(request.target).substr(question_mark + 1));
    if (query.has_error()) return Error{Errc::invalid_input, "in the query: " + query.error().detail};
    request.query = std::move(*query);
    return {};
}

const Router::Handler* Router::Tables::Route::find(std::string_view method) const noexcept {
    for (const auto& [name, handler] : handlers)
        if (name == method) return &handler;
    return nullptr;
}

std::string Router::Tables::Route::allowed_methods() const {
    std::string methods;
    for (const auto& [name, handler] : handlers) methods += name + ", ";
    const bool has_get = find("GET") != nullptr;
    if (!has_get && (websocket || stream)) methods += "GET, ";
    if ((has_get || stream) && find("HEAD") == nullptr) methods += "HEAD, ";
    if (find("OPTIONS") != nullptr) return methods.substr(0, methods.size() - 2);
    return methods + "OPTIONS";
}

Router::Tables::Route& Router::Tables::at(std::string pattern) {
    for (auto& route : routes)
        if (route.pattern == pattern) return route;
    Route route;
    route.segments = parse_pattern(pattern);
    route.pattern = std::move(pattern);
    return routes.emplace_back(std::move(route));
}

const Router::Tables::Route* Router::Tables::match(HttpRequest& request) const {
    const auto path = path_of(request.target);
    if (!path.starts_with('/')) return nullptr;
    const auto segments = split_path(path);
    const Route* best = nullptr;
    for (const auto& route : routes)
        if (fits(route.segments, segments) && (best == nullptr || is_preferred(route.segments, best->segments)))
            best = &route;
    if (best == nullptr) return nullptr;

    request.route = best->pattern;
    for (std::size_t i = 0; i < best->segments.size(); ++i) {
        const auto& [kind, name] = best->segments[i];
        if (kind == SegmentKind::literal) continue;
        const auto from = static_cast<std::size_t>(segments[i].data() - path.data());
        // parse_target() has decoded the whole path already, so that its parts decode, too.
        auto value = decode_component(kind == SegmentKind::rest ? path.substr(from) : segments[i]);
        request.path_params.emplace_back(name, value.has_value() ? std::move(*value) : std::string());
    }
    return best;
}

HttpResponse Router::Tables::error(int status, std::string_view detail, const HttpRequest& request) const {
    try {
        if (make_error) return make_error(status, detail, request);
    } catch (const std::exception& failure) {
        log(LogLevel::error, "the maker of error responses failed", {{"what", failure.what()}});
    }
    return text_response(status, "text/plain; charset=utf-8", std::string(detail) + "\n");
}

void Router::Tables::finished(const HttpRequest& request, int status, milliseconds took) const {
    try {
        if (observe) observe(request, status, took);
    } catch (const std::exception& failure) {
        log(LogLevel::error, "the observer of requests failed", {{"what", failure.what()}});
    }
}

Router::Router() : tables_(std::make_unique<Tables>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::on(std::string method, std::string pattern, Handler handler) {
    auto& route = tables_->at(std::move(pattern));
    if (route.find(method) != nullptr || (route.stream && method == "GET"))
        throw std::logic_error("two handlers for " + method + " " + route.pattern);
    route.handlers.emplace_back(std::move(method), std::move(handler));
}

void Router::on_websocket(std::string pattern, UpgradeCheck check, WebSocketHandler handler) {
    auto& route = tables_->at(std::move(pattern));
    if (route.websocket) throw std::logic_error("two WebSocket handlers for " + route.pattern);
    route.websocket_check = std::move(check);
    route.websocket = std::move(handler);
}

void Router::on_stream(std::string pattern, std::string content_type, StreamHandler handler) {
    on_stream(std::move(pattern), std::move(content_type), nullptr, std::move(handler));
}

void Router::on_stream(std::string pattern, std::string content_type, UpgradeCheck check, StreamHandler handler) {
    auto& route = tables_->at(std::move(pattern));
    if (route.stream || route.find("GET") != nullptr)
        throw std::logic_error("a stream clashes with another GET " + route.pattern);
    route.stream_type = std::move(content_type);
    route.stream_check = std::move(check);
    route.stream = std::move(handler);
}

void Router::on_error(std::function<HttpResponse(int, std::string_view, const HttpRequest&)> make) {
    tables_->make_error = std::move(make);
}

void Router::on_finished(std::function<void(const HttpRequest&, int, milliseconds)> observe) {
    tables_->observe = std::move(observe);
}

}  // namespace carevoice::net
