#include "domain/json_check.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace carevoice::domain::data {

namespace json = boost::json;

Entry::Entry(const json::object& object, std::string where) : object_(&object), where_(std::move(where)) {}

void Entry::fail(std::string_view what) const {
    throw DataFault(where_ + ": " + std::string(what));
}

const json::value* Entry::find(std::string_view name) {
    asked_.emplace_back(name);
    return object_->if_contains(name);
}

std::string Entry::text(std::string_view name) {
    auto found = text_or(name, "");
    if (found.empty()) fail(std::string(name) + " is missing or empty");
    return found;
}

std::string Entry::text_or(std::string_view name, std::string_view fallback) {
    const auto* value = find(name);
    if (value == nullptr) return std::string(fallback);
    if (!value->is_string()) fail(std::string(name) + " must be a string");
    return {value->get_string().begin(), value->get_string().end()};
}

std::int64_t Entry::number_or(std::string_view name, std::int64_t fallback, std::int64_t least, std::int64_t most) {
    const auto* value = find(name);
    if (value == nullptr) return fallback;
    if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most)
        fail(std::string(name) + " must be a whole number within its bounds");
    return value->get_int64();
}

std::optional<double> Entry::number(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) fail(std::string(name) + " must be a number");
    return value->to_number<double>();
}

bool Entry::flag_or(std::string_view name, bool fallback) {
    return flag(name).value_or(fallback);
}

std::optional<bool> Entry::flag(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) fail(std::string(name) + " must be true or false");
    return value->get_bool();
}

std::vector<std::string> Entry::texts(std::string_view name) {
    auto found = texts_or_none(name);
    if (found.empty()) fail(std::string(name) + " is missing or empty");
    return found;
}

std::vector<std::string> Entry::texts_or_none(std::string_view name) {
    const auto* value = find(name);
    std::vector<std::string> out;
    if (value == nullptr) return out;
    if (!value->is_array()) fail(std::string(name) + " must be a list");
    for (const auto& element : value->get_array()) {
        if (!element.is_string() || element.get_string().empty()) fail(std::string(name) + " must hold texts only");
        out.emplace_back(element.get_string().begin(), element.get_string().end());
    }
    return out;
}

std::vector<std::int64_t> Entry::numbers_or_none(std::string_view name, std::int64_t least, std::int64_t most) {
    const auto* value = find(name);
    std::vector<std::int64_t> out;
    if (value == nullptr) return out;
    if (!value->is_array()) fail(std::string(name) + " must be a list");
    for (const auto& element : value->get_array()) {
        if (!element.is_int64() || element.get_int64() < least || element.get_int64() > most)
            fail(std::string(name) + " must hold whole numbers within their bounds");
        out.push_back(element.get_int64());
    }
    return out;
}

std::vector<Entry> Entry::entries_or_none(std::string_view name) {
    const auto* value = find(name);
    std::vector<Entry> out;
    if (value == nullptr) return out;
    if (!value->is_array()) fail(std::string(name) + " must be a list");
    for (const auto& element : value->get_array()) {
        if (!element.is_object()) fail(std::string(name) + " must hold objects only");
        out.emplace_back(element.get_object(),
                         where_ + ": " + std::string(name) + "[" + std::to_string(out.size()) + "]");
    }
    return out;
}

std::optional<Entry> Entry::entry_or_none(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) fail(std::string(name) + " must be an object");
    return Entry(value->get_object(), where_ + ": " + std::string(name));
}

void Entry::finish() const {
    for (const auto& member : *object_)
        if (std::ranges::find(asked_, std::string_view(member.key())) == asked_.end())
            fail(std::string(member.key()) + " is not a known member");
}

const json::object& parse_document(std::string_view file, std::string_view text, json::value& storage) {
    boost::system::error_code error;
    storage = json::parse(text, error);
    if (error || !storage.is_object()) throw DataFault(std::string(file) + ": is not a JSON object");
    return storage.get_object();
}

}  // namespace carevoice::domain::data
