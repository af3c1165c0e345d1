#include "api/json_input.h"

#include "core/text.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <vector>

namespace carevoice::api {

namespace json = boost::json;

namespace {

constexpr int limit_default = 50;
constexpr int limit_max = 200;

json::value sorted(const json::value& value) {
    if (const auto* const object = value.if_object()) {
        std::vector<std::string_view> names;
        for (const auto& member : *object) names.push_back(member.key());
        std::ranges::sort(names);
        json::object out;
        for (const auto name : names) out[name] = sorted(object->at(name));
        return out;
    }
    if (const auto* const array = value.if_array()) {
        json::array out;
        for (const auto& item : *array) out.push_back(sorted(item));
        return out;
    }
    return value;
}

}  // namespace

Result<json::object> read_json_object(const net::HttpRequest& request) {
    if (const auto type = request.headers.find("Content-Type")) {
        const auto media_type = trim(type->substr(0, type->find(';')));
        if (!equals_ignoring_case(media_type, "application/json"))
            return Error{Errc::invalid_input, "the body must be application/json", "Content-Type"};
    }
    if (!is_valid_utf8(request.body)) return Error{Errc::invalid_input, "the body is not UTF-8"};
    boost::system::error_code failure;
    json::parse_options options;
    options.max_depth = 32;
    auto value = json::parse(request.body, failure, {}, options);
    if (failure) return Error{Errc::invalid_input, "the body is not JSON: " + failure.message()};
    if (!value.is_object()) return Error{Errc::invalid_input, "the body must be a JSON object"};
    return std::move(value.get_object());
}

Result<> refuse_unknown_fields(const json::object& object, std::initializer_list<std::string_view> known) {
    for (const auto& member : object) {
        if (std::ranges::find(known, std::string_view(member.key())) == known.end())
            return Error{Errc::invalid_input, "unknown field", std::string(member.key())};
    }
    return {};
}

Result<std::optional<std::string>> optional_string(const json::object& object, std::string_view field,
                                                   std::size_t length_max) {
    const auto* const value = object.if_contains(field);
    if (value == nullptr || value->is_null()) return std::optional<std::string>{};
    if (!value->is_string()) return Error{Errc::invalid_input, "must be a string", std::string(field)};
    const auto& text = value->get_string();
    if (text.size() > length_max)
        return Error{Errc::invalid_input, "longer than " + std::to_string(length_max) + " bytes", std::string(field)};
    return std::optional<std::string>(std::string(text));
}

Result<std::string> required_string(const json::object& object, std::string_view field, std::size_t length_max) {
    auto text = optional_string(object, field, length_max);
    if (text.has_error()) return text.error();
    if (!text->has_value() || (*text)->empty()) return Error{Errc::invalid_input, "is required", std::string(field)};
    return std::move(**text);
}

std::string canonical_json(const json::value& value) {
    return json::serialize(sorted(value));
}

Result<int> query_limit(const net::HttpRequest& request) {
    const auto text = net::find_field(request.query, "limit");
    if (!text) return limit_default;
    const auto limit = parse_digits(*text);
    if (!limit || *limit < 1 || *limit > limit_max)
        return Error{Errc::invalid_input, "must be a whole number from 1 to 200", "limit"};
    return static_cast<int>(*limit);
}

Result<std::optional<WallTime>> query_time(const net::HttpRequest& request, std::string_view field) {
    const auto text = net::find_field(request.query, field);
    if (!text) return std::optional<WallTime>{};
    const auto time = parse_rfc3339(*text);
    if (time.has_error()) return Error{Errc::invalid_input, time.error().detail, std::string(field)};
    return std::optional<WallTime>(*time);
}

}  // namespace carevoice::api
