#include "twilio/rest_answer.h"

#include "core/text.h"

#include <boost/json/parse.hpp>

#include <charconv>
#include <cmath>
#include <limits>

namespace carevoice::twilio {

namespace {

namespace json = boost::json;

constexpr std::size_t message_bytes_max = 300;

const json::value* find(const json::value& body, std::string_view name) {
    const auto* object = body.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

std::optional<double> number_field(const json::value& body, std::string_view name) {
    const auto* field = find(body, name);
    if (field == nullptr) return std::nullopt;
    if (field->is_number()) return field->to_number<double>();
    const auto* text = field->if_string();
    if (text == nullptr) return std::nullopt;
    double value = 0;
    const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (failure != std::errc{} || end != text->data() + text->size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<int> int_field(const json::value& body, std::string_view name) {
    const auto value = number_field(body, name);
    if (!value || std::abs(*value) > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(*value);
}

std::optional<WallTime> time_field(const json::value& body, std::string_view name) {
    const std::string text = string_field(body, name);
    if (const auto time = parse_rfc2822(text)) return *time;
    if (const auto time = parse_rfc3339(text)) return *time;
    return std::nullopt;
}

/// nullopt when the body is missing or not JSON: gateways answer with pages of their own.
std::optional<json::value> parse_body(std::string_view body) {
    boost::system::error_code failure;
    json::value value = json::parse(body, failure);
    if (failure) return std::nullopt;
    return value;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Length of the telephone number at the front of `text`: 7 digits or more, with what people write between them. 0 when
/// there is none.
std::size_t number_length(std::string_view text) {
    std::size_t digits = 0;
    std::size_t after_last = 0;
    for (std::size_t i = 0; i < text.size() && i <= after_last + 2; ++i) {
        if (is_digit(text[i])) {
            ++digits;
            after_last = i + 1;
        } else if (digits == 0 || std::string_view(" -.()").find(text[i]) == std::string_view::npos) {
            break;
        }
    }
    return digits >= 7 ? after_last : 0;
}

/// Twilio quotes the number that it refuses: whose number it is makes it patient data. Control characters go too.
std::string for_people(std::string_view message) {
    constexpr std::string_view api_version = "2010-04-01";
    std::string text;
    while (!message.empty() && text.size() < message_bytes_max) {
        std::size_t taken = 1;
        const auto byte = static_cast<unsigned char>(message.front());
        if (message.starts_with(api_version)) {
            text += api_version;
            taken = api_version.size();
        } else if (const std::size_t number = number_length(message); number > 0) {
            if (text.ends_with('+')) text.pop_back();
            text += "[number]";
            taken = number;
        } else {
            text += byte < 0x20 || byte == 0x7F ? ' ' : message.front();
        }
        message.remove_prefix(taken);
    }
    while (!is_valid_utf8(text)) text.pop_back();  // cut inside a character
    return text;
}

struct Refusal {
    int code = 0;  ///< Twilio's; 0 when the body had none
    std::string message;
};

Refusal read_refusal(const net::HttpResponse& response) {
    Refusal refusal;
    const auto body = parse_body(response.body);
    if (!body) return refusal;
    refusal.code = int_field(*body, "code").value_or(0);
    const std::string message = string_field(*body, "message");
    if (is_valid_utf8(message)) refusal.message = for_people(message);
    return refusal;
}

bool was_not_processed(int status, int code) {
    return status == 429 || code == 20429 || code == 20503;
}

bool may_have_happened(int status, int code) {
    return status >= 500 || status == 408 || code == 20500;
}

Errc code_for(Effect effect, int status, int code) {
    if (was_not_processed(status, code)) return Errc::unavailable;
    if (may_have_happened(status, code)) return effect == Effect::create ? Errc::timed_out : Errc::unavailable;
    if (status == 401 || code == 20003) return Errc::unauthorised;
    if (code == 21220) return Errc::conflict;
    if (status == 404 || code == 20404) return Errc::not_found;
    // Other servers of this API answer 422 or 409 where Twilio says 21220.
    const bool updates_call = effect == Effect::change || effect == Effect::repeatable;
    if (updates_call && (status == 409 || status == 422)) return Errc::conflict;
    return Errc::rejected;
}

}  // namespace

std::string string_field(const json::value& body, std::string_view name) {
    const auto* field = find(body, name);
    const auto* text = field == nullptr ? nullptr : field->if_string();
    return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

Result<json::value> judge(Effect effect, const net::HttpResponse& response) {
    if (response.status >= 200 && response.status < 300) {
        if (auto body = parse_body(response.body); body && body->is_object()) return std::move(*body);
        if (effect == Effect::change || effect == Effect::repeatable) return json::value{};
        const Errc code = effect == Effect::create ? Errc::timed_out : Errc::corrupt;
        return Error{code, "Twilio's answer is not a JSON object", {}, response.status};
    }
    Refusal refusal = read_refusal(response);
    std::string detail = "Twilio answered HTTP " + std::to_string(response.status);
    if (!refusal.message.empty()) detail = "Twilio: " + refusal.message;
    const Errc code = code_for(effect, response.status, refusal.code);
    if (code == Errc::timed_out) detail += "; the request may have been carried out";
    return Error{code, std::move(detail), {}, refusal.code != 0 ? refusal.code : response.status};
}

Error judge_transport(Effect effect, Error error) {
    const bool unsent = error.detail.starts_with("unsent: ");
    if (effect != Effect::create || error.code == Errc::cancelled) return error;
    if (unsent) {
        error.code = Errc::unavailable;  // timed_out would send the caller looking for a call that cannot exist
    } else {
        error.code = Errc::timed_out;
    }
    return error;
}

bool may_repeat(Effect effect, const net::HttpResponse& response) {
    const int code = response.status >= 400 ? read_refusal(response).code : 0;
    if (was_not_processed(response.status, code)) return true;
    return response.status >= 500 && (effect == Effect::read || effect == Effect::repeatable);
}

std::optional<milliseconds> retry_after(const net::HttpResponse& response) {
    const auto value = response.headers.find("Retry-After");
    if (!value) return std::nullopt;
    const auto seconds = parse_digits(trim(*value));
    constexpr std::uint64_t one_day = 86'400;
    if (!seconds || *seconds > one_day) return std::nullopt;
    return milliseconds(*seconds * 1'000);
}

Result<ListedCall> read_call(const json::value& body) {
    ListedCall listed;
    RemoteCall& call = listed.call;
    call.sid = CallSid(string_field(body, "sid"));
    call.status = string_field(body, "status");
    if (call.sid.empty() || call.status.empty()) return Error{Errc::corrupt, "Twilio's call has no sid or no status"};
    call.answered_by = string_field(body, "answered_by");
    call.to = string_field(body, "to");
    call.started_at = time_field(body, "start_time");
    call.ended_at = time_field(body, "end_time");
    call.duration_seconds = int_field(body, "duration");
    if (const auto price = number_field(body, "price")) call.price = std::abs(*price);  // a debit: "-0.03000"
    listed.created_at = time_field(body, "date_created");
    return listed;
}

Result<CallPage> read_call_page(const json::value& body) {
    const auto* calls = find(body, "calls");
    if (calls == nullptr || !calls->is_array()) return Error{Errc::corrupt, "Twilio's list of calls has no calls"};
    CallPage page;
    for (const auto& entry : calls->get_array()) {
        auto call = read_call(entry);
        if (call.has_error()) return call.error();
        page.calls.push_back(std::move(*call));
    }
    // Anything but a path would send our credentials to another server.
    const std::string next = string_field(body, "next_page_uri");
    if (next.starts_with('/') && !next.starts_with("//")) page.next_page_uri = next;
    return page;
}

}  // namespace carevoice::twilio
