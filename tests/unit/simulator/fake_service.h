// A voice service made of scripts: the other end of the simulated Twilio's sockets.
#pragma once

#include "async/task_group.h"
#include "core/text.h"
#include "net/server.h"
#include "simulator/party.h"
#include "simulator/twilio_simulator.h"
#include "twilio/media_message.h"
#include "twilio/signature.h"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace carevoice::simulator {

struct Received {
    std::string path;
    net::FormFields fields;
    bool signature_holds = false;

    [[nodiscard]] std::string field(std::string_view name) const {
        return std::string(net::find_field(fields, name).value_or("-"));
    }
};

/// Answers /voice with its documents in turn (the last one again and again), takes callbacks at /status, /amd, /stream,
/// TwiML of other paths from `pages`, and listens at the WebSocket /audio. Runs on one thread with the test.
class FakeService {
public:
    FakeService(async::Executor executor, Random& random, std::string token)
        : executor_(std::move(executor)), random_(random), token_(std::move(token)) {}

    void start() {
        net::Router router;
        router.on("POST", "/{page}", [this](net::HttpRequest request) { return answer(std::move(request)); });
        router.on_websocket(
            "/audio", [this](net::HttpRequest request) { return check(std::move(request)); },
            [this](std::shared_ptr<net::WebSocket> socket, net::HttpRequest) { return listen(std::move(socket)); });
        server_ = std::make_unique<net::HttpServer>(executor_, std::move(router), net::ServerLimits{}, random_);
        ASSERT_TRUE(server_->listen("127.0.0.1", 0));
        group_.spawn(executor_, server_->run());
    }
    async::Task<> stop() {
        co_await server_->stop(milliseconds{50});
        co_await group_.stop();
    }

    [[nodiscard]] std::string url(std::string_view path) const {
        return "http://127.0.0.1:" + std::to_string(server_->port()) + std::string(path);
    }
    [[nodiscard]] std::string ws_url(std::string_view path) const {
        return "ws://127.0.0.1:" + std::to_string(server_->port()) + std::string(path);
    }

    [[nodiscard]] std::vector<Received> at(std::string_view path) const {
        std::vector<Received> found;
        for (const auto& request : received)
            if (request.path == path) found.push_back(request);
        return found;
    }
    [[nodiscard]] std::vector<std::string> values(std::string_view path, std::string_view name) const {
        std::vector<std::string> found;
        for (const auto& request : at(path)) found.push_back(request.field(name));
        return found;
    }

    std::deque<std::string> voice;             ///< documents for /voice, without the Response element
    std::map<std::string, std::string> pages;  ///< by path
    std::vector<Received> received;
    std::vector<std::string> frames;  ///< text frames of all streams, in order
    std::vector<SteadyTime> frame_times;
    std::function<void(std::shared_ptr<net::WebSocket>)> on_stream;
    bool upgrade_signature_holds = false;
    int streams_ended = 0;

private:
    async::Task<net::HttpResponse> answer(net::HttpRequest request) {
        Received entry{request.target, net::parse_form(request.body).value(), false};
        const twilio::SignedRequest covered{.url = url(request.target), .params = entry.fields};
        const auto signature = std::string(request.headers.find("X-Twilio-Signature").value_or(""));
        entry.signature_holds = twilio::matching_url({token_}, covered, signature).has_value();
        received.push_back(std::move(entry));
        std::string page;
        if (request.target == "/voice" && !voice.empty()) {
            page = voice.front();
            if (voice.size() > 1) voice.pop_front();
        } else if (const auto found = pages.find(request.target); found != pages.end()) {
            page = found->second;
        } else {
            co_return net::HttpResponse{.status = request.target == "/broken" ? 500 : 204};
        }
        co_return net::text_response(200, "text/xml", "<Response>" + page + "</Response>");
    }

    async::Task<boost::system::result<void, net::HttpResponse>> check(net::HttpRequest request) {
        const twilio::SignedRequest covered{.url = ws_url(request.target), .params = {}, .websocket = true};
        const auto signature = std::string(request.headers.find("x-twilio-signature").value_or(""));
        upgrade_signature_holds = twilio::matching_url({token_}, covered, signature).has_value();
        co_return boost::system::result<void, net::HttpResponse>{};
    }

    async::Task<> listen(std::shared_ptr<net::WebSocket> socket) {
        if (on_stream) on_stream(socket);
        for (;;) {
            const auto message = co_await socket->read();
            if (!message) break;
            frames.emplace_back(message->text);
            frame_times.push_back(std::chrono::steady_clock::now());
        }
        ++streams_ended;
    }

    async::Executor executor_;
    Random& random_;
    std::string token_;
    std::unique_ptr<net::HttpServer> server_;
    async::TaskGroup group_{"fake service"};
};

/// A party that does what the test says.
class ScriptedParty final : public Party {
public:
    Pickup on_ring() override { return pickup; }
    [[nodiscard]] Verdict verdict() const override { return opinion; }
    async::Task<> live(Line& line_) override {
        line = &line_;
        co_return;
    }
    void voice_begins(std::string text, SteadyTime) override {
        heard.push_back(std::move(text));
        if (on_voice) on_voice(*this);
    }
    void voice_ends(bool cut_off) override { cut_offs.push_back(cut_off); }
    void close() override {
        closed = true;
        line = nullptr;
    }

    Pickup pickup = Pickup::answers;
    Verdict opinion;
    std::function<void(ScriptedParty&)> on_voice;
    Line* line = nullptr;
    std::vector<std::string> heard;
    std::vector<bool> cut_offs;
    bool closed = false;
};

/// A simulator, a fake service and a party in one thread.
class SimulatorTest : public ::testing::Test {
protected:
    static constexpr const char* number = "+15555550101";

    SimulatorTest() {
        options.pace = 50;
        options.line_noise = 0;
    }

    /// Starts everything, runs `body`, stops everything. `body` lives until then.
    void play(std::function<async::Task<>()> body) {
        service = std::make_unique<FakeService>(io.get_executor(), random, options.auth_token);
        twilio = std::make_unique<TwilioSimulator>(io.get_executor(), options, random, metrics);
        service->start();
        ASSERT_TRUE(twilio->start());
        twilio->phones().connect(number, [this](const CallSid&) { return party; });
        twilio->watch(number, [this](const CallEvent& event) { events.push_back(event); });
        bool finished = false;
        boost::asio::co_spawn(io, conduct(body, finished), [](const std::exception_ptr& failure) {
            if (failure) std::rethrow_exception(failure);
        });
        io.run_for(std::chrono::seconds(30));
        ASSERT_TRUE(finished) << "the test hung";
    }

    async::Task<net::HttpResponse> send(std::string method, std::string path,
                                        net::FormFields form = net::FormFields()) {
        net::HttpRequest request;
        request.method = std::move(method);
        request.target = std::move(path);
        const std::string pair = options.account_sid + ":" + (password.empty() ? options.auth_token : password);
        request.headers.add("Authorization", "Basic " + base64_encode(std::as_bytes(std::span(pair))));
        if (request.method == "POST") request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        request.body = net::encode_form(form);
        const auto origin = net::parse_url(twilio->base_url()).value();
        auto answer = co_await http.send(origin, std::move(request), Deadline::in(request_timeout));
        if (!answer) co_return net::HttpResponse{.status = 0};
        co_return std::move(*answer);
    }

    [[nodiscard]] std::string account_path(std::string_view rest) const {
        return "/2010-04-01/Accounts/" + options.account_sid + std::string(rest);
    }

    [[nodiscard]] net::FormFields call_form() const {
        net::FormFields form{{"To", number}, {"From", options.phone_number}, {"Url", service->url("/voice")}};
        form.emplace_back("StatusCallback", service->url("/status"));
        for (const auto* event : {"initiated", "ringing", "answered", "completed"})
            form.emplace_back("StatusCallbackEvent", event);
        return form;
    }

    async::Task<net::HttpResponse> create(net::FormFields extra = net::FormFields()) {
        auto form = call_form();
        for (auto& field : extra) form.push_back(std::move(field));
        auto path = account_path("/Calls.json");
        co_return co_await send("POST", std::move(path), std::move(form));
    }

    async::Task<net::HttpResponse> update(net::FormFields form) {
        auto path = account_path("/Calls/" + call().sid + ".json");
        co_return co_await send("POST", std::move(path), std::move(form));
    }

    [[nodiscard]] CallRecord call() const {
        const auto calls = twilio->calls();
        return calls.empty() ? CallRecord{} : calls.front();
    }

    /// Waits until `holds`; a failure of the test after five seconds.
    async::Task<> until(std::function<bool()> holds) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (!holds()) {
            if (std::chrono::steady_clock::now() > give_up) {
                ADD_FAILURE() << "waited in vain";
                co_return;
            }
            co_await async::sleep_for(milliseconds{2});
        }
    }
    async::Task<> until_over() {
        return until([this] { return is_over(call()) && party->closed; });
    }

    [[nodiscard]] int count(CallEventKind kind) const {
        int found = 0;
        for (const auto& event : events) found += event.kind == kind ? 1 : 0;
        return found;
    }
    [[nodiscard]] bool noted(int code) const {
        for (const auto& note : call().notes)
            if (note.code == code) return true;
        return false;
    }

    boost::asio::io_context io{1};
    SeededRandom random{7};
    NoMetrics metrics;
    TwilioOptions options;
    milliseconds request_timeout{3'000};
    std::string password;  ///< empty: the right one
    net::HttpClient http{io.get_executor(), net::ClientOptions{}, random, metrics};
    std::shared_ptr<ScriptedParty> party = std::make_shared<ScriptedParty>();
    std::vector<CallEvent> events;
    std::unique_ptr<FakeService> service;
    std::unique_ptr<TwilioSimulator> twilio;

private:
    async::Task<> conduct(std::function<async::Task<>()>& body, bool& finished) {
        co_await body();
        co_await twilio->stop();
        co_await http.stop();
        co_await service->stop();
        finished = true;
    }
};

}  // namespace carevoice::simulator
