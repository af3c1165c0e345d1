#include "storage/sql/row_text.h"

#include <boost/json.hpp>

#include <limits>

namespace carevoice::storage::sql {

namespace json = boost::json;

namespace {

std::optional<json::value> parsed(std::string_view text) {
    json::error_code failed;
    json::value value = json::parse(text, failed);
    if (failed) return std::nullopt;
    return value;
}

/// Every element of the JSON array `text`, read by `read`; nullopt when one cannot be.
template <class T, class Read>
std::optional<std::vector<T>> list_from_json(std::string_view text, Read read) {
    const std::optional<json::value> value = parsed(text);
    if (!value || !value->is_array()) return std::nullopt;
    std::vector<T> list;
    for (const json::value& element : value->get_array()) {
        std::optional<T> item = read(element);
        if (!item) return std::nullopt;
        list.push_back(std::move(*item));
    }
    return list;
}

std::optional<std::string> word(const json::value& value) {
    if (!value.is_string()) return std::nullopt;
    return std::string(value.get_string());
}

std::optional<std::string> member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value == nullptr ? std::nullopt : word(*value);
}

std::optional<domain::TopicProgress> topic(const json::value& value) {
    if (!value.is_object()) return std::nullopt;
    auto name = member(value.get_object(), "topic");
    const auto state = member(value.get_object(), "state");
    if (!name || !state) return std::nullopt;
    const auto known = domain::parse_topic_state(*state);
    if (!known) return std::nullopt;
    return domain::TopicProgress{.topic = std::move(*name), .state = *known};
}

std::optional<int> small_number(const json::value& value) {
    if (!value.is_int64()) return std::nullopt;
    const std::int64_t number = value.get_int64();
    if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(number);
}

}  // namespace

long long from_time(WallTime time) noexcept {
    return time.time_since_epoch().count();
}
WallTime to_time(long long milliseconds_since_epoch) noexcept {
    return WallTime(milliseconds(milliseconds_since_epoch));
}
std::optional<long long> from_time(std::optional<WallTime> time) noexcept {
    if (!time) return std::nullopt;
    return from_time(*time);
}
std::optional<WallTime> to_time(std::optional<long long> milliseconds_since_epoch) noexcept {
    if (!milliseconds_since_epoch) return std::nullopt;
    return to_time(*milliseconds_since_epoch);
}

std::optional<std::chrono::year_month_day> to_date(std::string_view text) {
    const auto date = parse_date(text);
    if (!date) return std::nullopt;
    return *date;
}

std::string to_json(const std::vector<std::string>& words) {
    json::array array;
    for (const std::string& text : words) array.emplace_back(text);
    return json::serialize(array);
}

std::string to_json(const std::vector<int>& numbers) {
    return json::serialize(json::value_from(numbers));
}

std::string to_json(const std::vector<domain::TopicProgress>& topics) {
    json::array array;
    for (const domain::TopicProgress& progress : topics) {
        array.emplace_back(json::object{{"topic", progress.topic}, {"state", to_string(progress.state)}});
    }
    return json::serialize(array);
}

std::string to_json(const domain::Caregiver& caregiver) {
    return json::serialize(
        json::object{{"name", caregiver.name}, {"phone", caregiver.phone}, {"authorised", caregiver.authorised}});
}

std::string to_json(const domain::CareTeam& team) {
    return json::serialize(json::object{{"name", team.name}, {"email", team.email}, {"phone", team.phone}});
}

std::string to_json(const domain::FactValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* number = std::get_if<double>(&value)) return json::serialize(json::value(*number));
    if (const auto* text = std::get_if<std::string>(&value)) return json::serialize(json::value(*text));
    return to_json(std::get<std::vector<std::string>>(value));
}

std::optional<std::vector<std::string>> words_from_json(std::string_view text) {
    return list_from_json<std::string>(text, word);
}

std::optional<std::vector<int>> numbers_from_json(std::string_view text) {
    return list_from_json<int>(text, small_number);
}

std::optional<std::vector<domain::TopicProgress>> topics_from_json(std::string_view text) {
    return list_from_json<domain::TopicProgress>(text, topic);
}

std::optional<domain::Caregiver> caregiver_from_json(std::string_view text) {
    const auto value = parsed(text);
    if (!value || !value->is_object()) return std::nullopt;
    auto name = member(value->get_object(), "name");
    auto phone = member(value->get_object(), "phone");
    const json::value* authorised = value->get_object().if_contains("authorised");
    if (!name || !phone || authorised == nullptr || !authorised->is_bool()) return std::nullopt;
    return domain::Caregiver{
        .name = std::move(*name), .phone = std::move(*phone), .authorised = authorised->get_bool()};
}

std::optional<domain::CareTeam> care_team_from_json(std::string_view text) {
    const auto value = parsed(text);
    if (!value || !value->is_object()) return std::nullopt;
    auto name = member(value->get_object(), "name");
    auto email = member(value->get_object(), "email");
    auto phone = member(value->get_object(), "phone");
    if (!name || !email || !phone) return std::nullopt;
    return domain::CareTeam{.name = std::move(*name), .email = std::move(*email), .phone = std::move(*phone)};
}

std::optional<domain::FactValue> fact_from_json(std::string_view text) {
    const auto value = parsed(text);
    if (!value) return std::nullopt;
    if (value->is_bool()) return value->get_bool();
    if (value->is_number()) return value->to_number<double>();
    if (value->is_string()) return std::string(value->get_string());
    auto words = words_from_json(text);
    if (!words) return std::nullopt;
    return std::move(*words);
}

Result<> RowCheck::verdict() const {
    if (fault_.empty()) return {};
    return Error{.code = Errc::corrupt,
                 .detail = "a stored " + std::string(table_) + " row breaks the rule of " + std::string(fault_)};
}

}  // namespace carevoice::storage::sql
