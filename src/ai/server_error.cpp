#include "ai/server_error.h"

#include "ai/json_member.h"
#include "core/text.h"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <string>

namespace carevoice::ai {

namespace {

namespace json = boost::json;

constexpr milliseconds usual_wait{2'000};
constexpr milliseconds wait_for_another_day{15 * 60'000};  // a day's limit may be raised meanwhile
constexpr milliseconds longest_wait{60 * 60'000};

constexpr int bad_request = 400;
constexpr int too_many_requests = 429;
constexpr int server_fault = 500;

/// What is known of an error, whoever wrote it.
struct Report {
    int status = 0;
    std::string word;
    bool is_for_the_day = false;
    bool is_key_bad = false;
    std::optional<milliseconds> retry_after;
};

/// "37s" and "0.5s", and without the unit as in Retry-After.
std::optional<milliseconds> parse_seconds(std::string_view text) {
    text = trim(text);
    if (text.ends_with('s')) text.remove_suffix(1);
    double seconds = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (failure != std::errc{} || end != text.data() + text.size() || !(seconds >= 0)) return std::nullopt;
    const double most = std::chrono::duration<double>(longest_wait).count();
    return milliseconds(static_cast<std::int64_t>(std::min(seconds, most) * 1'000));
}

/// google.rpc details; any of them may be missing.
void read_details(const json::value& error, Report& report) {
    const auto* details = find_array(error, "details");
    if (details == nullptr) return;
    for (const auto& detail : *details) {
        if (const auto delay = find_text(detail, "retryDelay"); !delay.empty())
            report.retry_after = parse_seconds(delay);
        if (find_text(detail, "reason") == "API_KEY_INVALID") report.is_key_bad = true;
        const auto* violations = find_array(detail, "violations");
        if (violations == nullptr) continue;
        for (const auto& violation : *violations)
            if (find_text(violation, "quotaId").find("PerDay") != std::string_view::npos) report.is_for_the_day = true;
    }
}

Report read_report(const json::value& error) {
    Report report;
    if (const auto* code = find_member(error, "code"); code != nullptr && code->is_int64()) {
        const auto number = code->get_int64();
        if (number >= bad_request && number < 600) report.status = static_cast<int>(number);
    }
    for (const char* name : {"status", "code", "type"})
        if (report.word.empty()) report.word = as_word(find_text(error, name));
    const bool is_quota = report.word == "insufficient_quota";
    report.is_for_the_day = is_quota;
    if (report.status == 0) {
        const bool is_limit = report.word == "RESOURCE_EXHAUSTED" || report.word.find("rate_limit") == 0 || is_quota;
        report.status = is_limit ? too_many_requests : server_fault;
    }
    read_details(error, report);
    return report;
}

ServerError judge(const Report& report) {
    ServerError result;
    result.error.code = Errc::rejected;
    result.error.provider_code = report.status;
    result.error.detail = "the model's server answered " + std::to_string(report.status);
    if (!report.word.empty()) result.error.detail += " " + report.word;
    if (report.is_key_bad) result.error.detail += ": it does not know our key";
    if (report.status == too_many_requests) {
        result.error.code = Errc::unavailable;
        result.wait = report.is_for_the_day ? wait_for_another_day : report.retry_after.value_or(usual_wait);
    } else if (report.status >= server_fault || report.status == 408) {
        result.error.code = Errc::unavailable;
        result.wait = report.retry_after.value_or(milliseconds(0));
    }
    return result;
}

const json::value* error_in(const json::value& body) {
    const auto* list = body.if_array();
    if (list != nullptr) return list->empty() ? nullptr : find_member(list->front(), "error");
    return find_member(body, "error");
}

}  // namespace

ServerError read_server_error(int status, std::optional<std::string_view> retry_after, std::string_view body) {
    Report report;
    boost::system::error_code failure;
    const json::value parsed = json::parse(body, failure);
    if (!failure) {
        if (const auto* error = error_in(parsed)) report = read_report(*error);
    }
    report.status = status;
    if (!report.retry_after && retry_after) report.retry_after = parse_seconds(*retry_after);
    return judge(report);
}

std::optional<ServerError> find_server_error(const json::value& body) {
    const auto* error = error_in(body);
    if (error == nullptr || error->is_null()) return std::nullopt;
    return judge(read_report(*error));
}

}  // namespace carevoice::ai
