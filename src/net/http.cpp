#include "net/http.h"

#include "core/text.h"

#include <algorithm>

namespace carevoice::net {

namespace {

constexpr std::size_t form_fields_max = 1'000;

int hex_value(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

bool is_unreserved(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

Result<std::string> decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            decoded += ' ';
        } else if (text[i] != '%') {
            decoded += text[i];
        } else {
            const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) return Error{Errc::invalid_input, "a '%' is not followed by two hex digits"};
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    if (!is_valid_utf8(decoded)) return Error{Errc::invalid_input, "the decoded text is not UTF-8"};
    return decoded;
}

void append_encoded(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 0xFU];
        }
    }
}

}  // namespace

void Headers::set(std::string_view name, std::string value) {
    const auto same_name = [name](const auto& field) { return equals_ignoring_case(field.first, name); };
    const auto first = std::find_if(fields_.begin(), fields_.end(), same_name);
    if (first == fields_.end()) {
        add(std::string(name), std::move(value));
        return;
    }
    first->second = std::move(value);
    fields_.erase(std::remove_if(first + 1, fields_.end(), same_name), fields_.end());
}

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept {
    for (const auto& [field_name, value] : fields_)
        if (equals_ignoring_case(field_name, name)) return value;
    return std::nullopt;
}

Result<FormFields> parse_form(std::string_view body) {
    FormFields fields;
    while (!body.empty()) {
        const auto end = std::min(body.find('&'), body.size());
        const auto pair = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        if (pair.empty()) continue;
        if (fields.size() == form_fields_max) return Error{Errc::invalid_input, "more than 1,000 form fields"};
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = decode(pair.substr(0, equals), true);
        if (name.has_error()) return name.error();
        auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (value.has_error()) {
            Error error = value.error();
            error.field = *name;
            return error;
        }
        fields.emplace_back(std::move(*name), std::move(*value));
    }
    return fields;
}

std::string encode_form(const FormFields& fields) {
    std::string body;
    for (const auto& [name, value] : fields) {
        if (!body.empty()) body += '&';
        append_encoded(body, name);
        body += '=';
        append_encoded(body, value);
    }
    return body;
}

Result<std::string> decode_component(std::string_view text) {
    return decode(text, false);
}

std::string encode_component(std::string_view text) {
    std::string encoded;
    append_encoded(encoded, text);
    return encoded;
}

std::optional<std::string_view> find_field(const FormFields& fields, std::string_view name) noexcept {
    for (const auto& [field_name, value] : fields)
        if (field_name == name) return value;
    return std::nullopt;
}

std::string_view HttpRequest::path_param(std::string_view name) const noexcept {
    return find_field(path_params, name).value_or(std::string_view{});
}

HttpResponse text_response(int status, std::string_view content_type, std::string body) {
    HttpResponse response{.status = status, .headers = {}, .body = std::move(body)};
    response.headers.add("Content-Type", std::string(content_type));
    return response;
}

}  // namespace carevoice::net
