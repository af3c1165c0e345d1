#include "api/problem.h"

#include "api_house.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carevoice::api {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* initiate = "/api/v1/calls/initiate";

/// Checks a raw answer: that status, as a problem.
void expect_problem(const std::string& answer, int status) {
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::to_string(status) + " "));
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json"));
    EXPECT_THAT(answer, HasSubstr("\"status\":" + std::to_string(status)));
    EXPECT_THAT(answer, HasSubstr("urn:carevoice:problem:"));
}

TEST(HostileRequest, BodiesThatAreNoJsonObject) {
    ApiHouse api;
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "[";
    std::string wide = "{";
    for (int i = 0; i < 20'000; ++i) wide += "\"k" + std::to_string(i) + "\":0,";
    wide += "\"x\":1}";
    for (const std::string& body : {std::string(),
                                    std::string("{"),
                                    std::string("null"),
                                    std::string("[]"),
                                    std::string("\"text\""),
                                    std::string("{} {}"),
                                    std::string("{\"patient_id\":}"),
                                    std::string("{'patient_id':'ruth'}"),
                                    std::string("{\"patient_id\":\"ruth\",}"),
                                    std::string("\xff\xfe{}"),
                                    std::string("\0", 1),
                                    std::string("{\"a\":\"\xc3\x28\"}"),
                                    std::string("{\"a\":\"\xed\xa0\x80\"}"),
                                    std::string("{\"a\":\"\\ud800\"}"),
                                    std::string("{\"a\":1e999999}"),
                                    std::string("NaN"),
                                    deep,
                                    wide,
                                    "{\"a\":" + deep,
                                    std::string("\xEF\xBB\xBF{}")}) {
        const auto response = api.post_json(initiate, body);
        EXPECT_EQ(response.status, 400) << body.substr(0, 40);
        EXPECT_LT(response.body.size(), 1000U);
    }
    EXPECT_TRUE(api.house.telephony.created.empty());
    api.expect_alive();
}

TEST(HostileRequest, OnlyJsonIsTakenForJson) {
    ApiHouse api;
    for (const char* const type :
         {"text/plain", "application/x-www-form-urlencoded", "application/json5", "", ";", "json"}) {
        net::HttpRequest request{.method = "POST", .target = initiate, .body = "{}"};
        request.headers.add("Content-Type", type);
        EXPECT_EQ(field_of(api.send(std::move(request))), "Content-Type") << type;
    }
}

TEST(HostileRequest, AbsurdSizesAreRefusedBeforeTheyAreRead) {
    ApiHouse api;
    expect_problem(
        api.exchange("POST " + std::string(initiate) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 10485760\r\n\r\n{"),
        413);
    expect_problem(api.exchange("POST " + std::string(initiate) +
                                " HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551615\r\n\r\n{"),
                   413);
    expect_problem(api.exchange("GET /health HTTP/1.1\r\nHost: h\r\nX-Long: " + std::string(20'000, 'x') + "\r\n\r\n"),
                   431);
    expect_problem(api.exchange("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n"), 431);
    EXPECT_EQ(api.post_json(initiate, std::string(1024 * 1024 + 1, ' ')).status, 413);
    api.expect_alive();
}

TEST(HostileRequest, UnknownPathsMethodsAndProtocolsAreProblemsToo) {
    ApiHouse api;
    EXPECT_EQ(kind_of(api.get("/nothing")), "not-found");
    EXPECT_EQ(kind_of(api.get("/api/v1/calls/")), "not-found");
    EXPECT_EQ(kind_of(api.get("/api/v2/calls")), "not-found");
    const auto wrong_method = api.remove("/api/v1/calls");
    EXPECT_EQ(wrong_method.status, 405);
    EXPECT_EQ(kind_of(wrong_method), "method-not-allowed");
    EXPECT_THAT(std::string(wrong_method.headers.find("Allow").value_or("")), HasSubstr("GET"));
    EXPECT_EQ(api.get(initiate).status, 405);
    EXPECT_EQ(api.get("/api/v1/twilio/audio-stream/s1").status, 426);
    EXPECT_EQ(api.get("/api/v1/calls/%").status, 400);
    for (const std::string& bytes : {std::string("hello\r\n\r\n"), std::string("GET /health\r\n\r\n"),
                                     std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n",
                                     std::string("GET /health HTTP/1.1\r\nHost : h\r\n\r\n"),
                                     std::string("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n")})
        expect_problem(api.exchange(bytes, true), 400);
    expect_problem(api.exchange("GET /health HTTP/2.0\r\n\r\n", true), 505);
    api.expect_alive();
}

TEST(HostileRequest, ARequestThatTwoServersWouldReadDifferentlyIsRefused) {
    ApiHouse api;
    const auto smuggled = api.exchange("POST " + std::string(initiate) +
                                       " HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
                                       "0\r\n\r\nGET /api/v1/patients HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(smuggled, StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(smuggled, Not(HasSubstr("Ruth")));
    api.expect_alive();
}

TEST(HostileRequest, OneWhoHangsUpInTheMiddleHarmsNobody) {
    ApiHouse api;
    api.exchange("POST /api/v1/calls/initiate HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{\"pat", true);
    api.exchange("GET /hea", true);
    api.exchange("", true);
    EXPECT_TRUE(api.house.telephony.created.empty());
    api.expect_alive();
}

TEST(HostileRequest, OneWhoIsTooSlowIsToldSo) {
    ApiHouse api({.limits = {.request_timeout = milliseconds{50}}});
    expect_problem(api.exchange("POST /api/v1/calls/initiate HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{"),
                   408);
    api.expect_alive();
}

TEST(HostileRequest, EveryProblemHasTheNameThatOurLogHas) {
    ApiHouse api;
    const auto body = body_of(api.get("/nothing"));
    EXPECT_THAT(std::string(body.at("instance").as_string()), StartsWith("urn:carevoice:request:"));
}

TEST(HostileRequest, TheApiKeyGuardsAllButHealthMetricsAndTheDescription) {
    ApiHouse api({.api_key = "a-key-of-a-good-length"});
    const auto get_as = [&](const std::string& target, const std::string& authorization) {
        net::HttpRequest request{.method = "GET", .target = target};
        if (!authorization.empty()) request.headers.add("Authorization", authorization);
        return api.send(std::move(request));
    };
    for (const std::string authorization : {"", "Bearer", "Bearer ", "Bearer wrong", "Bearer a-key-of-a-good-lengtH",
                                            "Bearer a-key-of-a-good-length-and-more", "Basic a-key-of-a-good-length",
                                            "a-key-of-a-good-length", "Bearer a-key-of-a-good-length, Bearer x"}) {
        const auto response = get_as("/api/v1/patients", authorization);
        EXPECT_EQ(response.status, 401) << authorization;
        EXPECT_EQ(response.headers.find("WWW-Authenticate"), "Bearer");
        EXPECT_THAT(response.body, Not(HasSubstr("Ruth")));
    }
    EXPECT_EQ(get_as("/api/v1/patients", "Bearer a-key-of-a-good-length").status, 200);
    EXPECT_EQ(get_as("/api/v1/patients", "bearer a-key-of-a-good-length").status, 200);
    EXPECT_EQ(api.post_json(initiate, R"({"patient_id":"ruth","call_type":"followup"})").status, 401);
    EXPECT_EQ(api.remove("/api/v1/patients/ruth").status, 401);
    EXPECT_TRUE(api.house.telephony.created.empty());
    for (const char* const open : {"/health", "/health/ready", "/metrics", "/openapi.json", "/docs"})
        EXPECT_EQ(get_as(open, "").status, 200) << open;
}

TEST(Health, ReadinessNamesWhatIsMissing) {
    ApiHouse whole;
    EXPECT_EQ(body_of(whole.get("/health/ready")).at("status"), "ok");
    ApiHouse poor({.with_engine = false, .missing_parts = {"speech model"}});
    const auto body = body_of(poor.get("/health/ready"));
    EXPECT_EQ(body.at("status"), "degraded");
    EXPECT_EQ(body.at("parts").at("speech_to_text"), "missing");
    EXPECT_EQ(body.at("missing").at(0), "speech model");
    EXPECT_THAT(poor.get("/metrics").body, HasSubstr("carevoice_live_calls"));
}

TEST(Health, AnInstanceThatGoesDownIsNotReadyFromThatMoment) {
    ApiHouse api;
    api.house.service->drain();
    const auto response = api.get("/health/ready");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(body_of(response).at("parts").at("service"), "draining");
    EXPECT_EQ(api.get("/health").status, 200) << "it is alive";
    EXPECT_EQ(api.post_json(initiate, R"({"patient_id":"ruth","call_type":"followup"})").status, 503);
}

}  // namespace
}  // namespace carevoice::api
