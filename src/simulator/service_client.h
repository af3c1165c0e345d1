// The service's own HTTP API, as the simulation uses it.
#pragma once

#include "async/task.h"
#include "net/client.h"
#include "simulator/patient.h"

#include <boost/json/object.hpp>

#include <memory>
#include <string>

namespace carevoice::simulator {

/// Thread-safe. `http` outlives it. Errors: those of net::HttpClient; rejected with the HTTP status as provider_code
/// and the problem's words as detail; corrupt when the answer is not a JSON object.
class ServiceClient {
public:
    ServiceClient(net::HttpClient& http, net::Url service, std::string api_key);

    async::Task<Result<boost::json::object>> status(std::string call_session_id);
    async::Task<Result<boost::json::object>> transcript(std::string call_session_id);
    /// Creates the patient, or brings the stored one up to date.
    async::Task<Result<>> put_patient(boost::json::object patient);
    async::Task<Result<boost::json::object>> initiate(boost::json::object request);
    /// The call_session_id of the call that Twilio knows as `sid`, among the newest 50. not_found when it is none of
    /// them.
    async::Task<Result<std::string>> session_of(std::string sid);

private:
    async::Task<Result<boost::json::object>> send(std::string method, std::string path, std::string body);

    net::HttpClient& http_;
    net::Url service_;
    std::string api_key_;
};

/// Asks the service what it is asking.
class ServiceTopics final : public TopicSource {
public:
    ServiceTopics(std::shared_ptr<ServiceClient> service, std::string call_session_id)
        : service_(std::move(service)), call_session_id_(std::move(call_session_id)) {}
    async::Task<Result<std::string>> current_topic() override;

private:
    std::shared_ptr<ServiceClient> service_;
    std::string call_session_id_;
};

/// The same for a call that somebody else asked for: only its SID is known at first.
class TopicsBySid final : public TopicSource {
public:
    TopicsBySid(std::shared_ptr<ServiceClient> service, std::string sid)
        : service_(std::move(service)), sid_(std::move(sid)) {}
    async::Task<Result<std::string>> current_topic() override;

private:
    std::shared_ptr<ServiceClient> service_;
    std::string sid_;
    std::string call_session_id_;
};

}  // namespace carevoice::simulator
