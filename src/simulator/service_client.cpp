#include "simulator/service_client.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace carevoice::simulator {

namespace json = boost::json;

namespace {

constexpr milliseconds answer_timeout{10'000};
constexpr milliseconds topic_timeout{2'000};

Error refusal(int status, const json::value& body) {
    Error error{.code = Errc::rejected, .detail = "HTTP " + std::to_string(status), .provider_code = status};
    const auto* problem = body.if_object();
    if (problem == nullptr) return error;
    for (const auto* name : {"title", "detail", "field"})
        if (const auto* text = problem->if_contains(name); text != nullptr && text->is_string())
            error.detail += ": " + std::string(text->as_string());
    return error;
}

}  // namespace

ServiceClient::ServiceClient(net::HttpClient& http, net::Url service, std::string api_key)
    : http_(http), service_(std::move(service)), api_key_(std::move(api_key)) {}

async::Task<Result<json::object>> ServiceClient::status(std::string call_session_id) {
    return send("GET", "/api/v1/calls/status/" + net::encode_component(call_session_id), "");
}

async::Task<Result<json::object>> ServiceClient::transcript(std::string call_session_id) {
    return send("GET", "/api/v1/calls/transcripts/" + net::encode_component(call_session_id), "");
}

async::Task<Result<json::object>> ServiceClient::initiate(json::object request) {
    return send("POST", "/api/v1/calls/initiate", json::serialize(request));
}

async::Task<Result<std::string>> ServiceClient::session_of(std::string sid) {
    const auto listed = co_await send("GET", "/api/v1/calls?limit=50", "");
    if (!listed) co_return listed.error();
    const auto* const calls = listed->if_contains("calls");
    if (calls != nullptr && calls->is_array()) {
        for (const auto& entry : calls->get_array()) {
            const auto* const call = entry.if_object();
            const auto* const call_sid = call == nullptr ? nullptr : call->if_contains("call_sid");
            if (call_sid == nullptr || !call_sid->is_string() || call_sid->get_string() != sid) continue;
            co_return std::string(call->at("call_session_id").as_string());
        }
    }
    co_return Error{Errc::not_found, "the service knows no such call"};
}

async::Task<Result<>> ServiceClient::put_patient(json::object patient) {
    const std::string id(patient.at("patient_id").as_string());
    const auto created = co_await send("POST", "/api/v1/patients", json::serialize(patient));
    if (created) co_return Result<>{};
    if (created.error().provider_code != 409) co_return created.error();
    const auto stored = co_await send("PUT", "/api/v1/patients/" + net::encode_component(id), json::serialize(patient));
    if (!stored) co_return stored.error();
    co_return Result<>{};
}

async::Task<Result<json::object>> ServiceClient::send(std::string method, std::string path, std::string body) {
    net::HttpRequest request;
    request.method = std::move(method);
    request.target = (service_.path == "/" ? "" : service_.path) + path;
    request.headers.add("Accept", "application/json");
    if (!api_key_.empty()) request.headers.add("Authorization", "Bearer " + api_key_);
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    request.body = std::move(body);
    const auto answer = co_await http_.send(service_, std::move(request), Deadline::in(answer_timeout));
    if (!answer) co_return answer.error();
    boost::system::error_code failure;
    auto value = json::parse(answer->body, failure);
    if (answer->status >= 400) co_return refusal(answer->status, value);
    if (failure || !value.is_object()) co_return Error{Errc::corrupt, "the service's answer is not a JSON object"};
    co_return std::move(value.as_object());
}

async::Task<Result<std::string>> ServiceTopics::current_topic() {
    auto asked = service_->status(call_session_id_);
    const auto answered = co_await async::by_deadline(std::move(asked), Deadline::in(topic_timeout));
    if (!answered) co_return answered.error();
    const auto* topic = answered->if_contains("current_topic");
    if (topic == nullptr || !topic->is_string()) co_return std::string();
    co_return std::string(topic->as_string());
}

async::Task<Result<std::string>> TopicsBySid::current_topic() {
    if (call_session_id_.empty()) {
        auto asked = service_->session_of(sid_);
        auto found = co_await async::by_deadline(std::move(asked), Deadline::in(topic_timeout));
        if (!found) co_return found.error();
        call_session_id_ = std::move(*found);
    }
    ServiceTopics topics(service_, call_session_id_);
    co_return co_await topics.current_topic();
}

}  // namespace carevoice::simulator
