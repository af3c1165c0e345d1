#include "api/openapi.h"

#include "api_house.h"
#include "schema_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>

namespace carevoice::api {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

/// Every "$ref" below `value`.
void collect_references(const json::value& value, std::set<std::string>& references) {
    if (const auto* const object = value.if_object()) {
        for (const auto& member : *object) {
            if (member.key() == "$ref") references.insert(std::string(member.value().as_string()));
            collect_references(member.value(), references);
        }
    } else if (const auto* const array = value.if_array()) {
        for (const auto& item : *array) collect_references(item, references);
    }
}

std::set<std::string> names_at(const json::object& document, std::string_view kind) {
    std::set<std::string> names;
    for (const auto& member : document.at("components").at(kind).as_object())
        names.insert("#/components/" + std::string(kind) + "/" + std::string(member.key()));
    return names;
}

TEST(OpenApi, ListsEveryRouteOfTheTableOnceAndNoOther) {
    const auto document = openapi_document(route_table());
    std::size_t operations = 0;
    for (const auto& path : document.at("paths").as_object()) operations += path.value().as_object().size();
    EXPECT_EQ(operations, route_table().size());
    std::set<std::string> ids;
    for (const auto& route : route_table()) {
        ids.insert(route.operation);
        EXPECT_NE(std::string_view(route.summary), "") << route.pattern;
    }
    EXPECT_EQ(ids.size(), route_table().size());
}

TEST(OpenApi, TheServerHasTheRoutesOfTheTable) {
    ApiHouse api;
    for (const auto& route : route_table()) {
        std::string target = route.pattern;
        if (const auto at = target.find("{id}"); at != std::string::npos) target.replace(at, 4, "nobody");
        net::HttpRequest request{.method = route.method, .target = target};
        const auto response = api.send(std::move(request));
        EXPECT_NE(response.status, 405) << target;
        if (response.status == 404) EXPECT_NE(field_of(response), "") << target << " is no route";
    }
}

TEST(OpenApi, RefersOnlyToWhatItDescribesAndDescribesOnlyWhatItUses) {
    const auto document = openapi_document(route_table());
    std::set<std::string> references;
    collect_references(document, references);
    auto described = names_at(document, "schemas");
    described.merge(names_at(document, "parameters"));
    EXPECT_EQ(references, described);
}

TEST(OpenApi, DescribesRefusalsAsProblemsAndSaysWhoMayCall) {
    const auto document = openapi_document(route_table());
    for (const auto& path : document.at("paths").as_object())
        for (const auto& method : path.value().as_object()) {
            const auto& responses = method.value().at("responses").as_object();
            EXPECT_TRUE(responses.contains("default")) << path.key();
            for (const auto& response : responses)
                if (response.key().starts_with("4"))
                    EXPECT_TRUE(response.value().at("content").as_object().contains("application/problem+json"));
            const bool is_guarded = !method.value().at("security").as_array().empty();
            EXPECT_EQ(is_guarded, path.key().starts_with("/api/")) << path.key();
        }
    const auto& initiate = document.at("paths").at("/api/v1/calls/initiate").at("post").at("responses").as_object();
    for (const char* const status : {"201", "400", "401", "404", "409", "413", "422", "502", "503"})
        EXPECT_TRUE(initiate.contains(status)) << status;
}

TEST(OpenApi, ItsExamplesFitAndAreTaken) {
    ApiHouse api;
    for (const auto& named : api.document.at("components").at("schemas").as_object()) {
        const auto& schema = named.value().as_object();
        if (const auto* const example = schema.if_contains("example"))
            EXPECT_EQ(schema_fault(api.document, schema, *example), "") << named.key();
    }
    const auto& schemas = api.document.at("components").at("schemas").as_object();
    EXPECT_EQ(api.post_json("/api/v1/patients", json::serialize(schemas.at("Patient").at("example"))).status, 201);
    auto call = schemas.at("InitiateRequest").at("example");
    call.at("patient_id") = "ruth";
    EXPECT_EQ(api.post_json("/api/v1/calls/initiate", json::serialize(call)).status, 201);
}

/// The names of an enumeration, up to the first that has none.
template <class Enum>
void expect_names(const json::object& document, const char* schema, std::initializer_list<Enum> values) {
    std::set<std::string> names;
    for (const auto value : values) names.insert(std::string(to_string(value)));
    std::set<std::string> described;
    for (const auto& name : document.at("components").at("schemas").at(schema).at("enum").as_array())
        described.insert(std::string(name.as_string()));
    EXPECT_EQ(described, names) << schema;
}

TEST(OpenApi, NamesTheEnumerationsOfTheDomain) {
    using namespace domain;
    const auto document = openapi_document(route_table());
    expect_names(document, "CallType", {CallType::followup, CallType::enrollment, CallType::education});
    expect_names(document, "CallMode", {CallMode::updates, CallMode::stream, CallMode::gather});
    expect_names(document, "CallStatusName",
                 {CallStatus::scheduled, CallStatus::unknown, CallStatus::queued, CallStatus::initiated,
                  CallStatus::ringing, CallStatus::in_progress, CallStatus::completed, CallStatus::busy,
                  CallStatus::no_answer, CallStatus::failed, CallStatus::canceled});
    expect_names(document, "Outcome",
                 {CallOutcome::completed, CallOutcome::partial, CallOutcome::escalated, CallOutcome::wrong_person,
                  CallOutcome::voicemail, CallOutcome::refused, CallOutcome::call_later, CallOutcome::dropped,
                  CallOutcome::no_answer, CallOutcome::failed});
    expect_names(document, "Severity",
                 {Severity::low, Severity::moderate, Severity::high, Severity::urgent, Severity::critical});
    expect_names(document, "AlertType",
                 {AlertType::high_pain, AlertType::wound_problem, AlertType::mobility_issue,
                  AlertType::medication_issue, AlertType::patient_concern, AlertType::emergency});
    expect_names(document, "AlertStatusName", {AlertStatus::open, AlertStatus::acknowledged, AlertStatus::resolved});
}

TEST(OpenApi, IsServedAsItIsBuilt) {
    ApiHouse api;
    EXPECT_EQ(json::parse(api.get("/openapi.json").body), json::value(api.document));
}

TEST(SchemaCheck, FindsWhatDoesNotFit) {
    const auto document = openapi_document(route_table());
    const auto& schemas = document.at("components").at("schemas").as_object();
    const auto fault = [&](const char* schema, const char* text) {
        return schema_fault(document, schemas.at(schema).as_object(), json::parse(text));
    };
    EXPECT_EQ(fault("Health", R"({"status":"ok","live_calls":0})"), "");
    EXPECT_NE(fault("Health", R"({"status":"ok"})"), "");
    EXPECT_NE(fault("Health", R"({"status":"fine","live_calls":0})"), "");
    EXPECT_NE(fault("Health", R"({"status":"ok","live_calls":"0"})"), "");
    EXPECT_NE(fault("Health", R"({"status":"ok","live_calls":0,"more":1})"), "");
    EXPECT_NE(fault("Call", R"({"call_session_id":"a b"})"), "");
    EXPECT_NE(fault("Phone", R"("123")"), "");
}

TEST(DocsPage, ShowsEveryRouteAndShapeAndNeedsNothingFromElsewhere) {
    ApiHouse api;
    const auto response = api.get("/docs");
    for (const auto& route : route_table()) EXPECT_THAT(response.body, HasSubstr(route.pattern));
    for (const auto& schema : api.document.at("components").at("schemas").as_object())
        EXPECT_THAT(response.body, HasSubstr("id=\"" + std::string(schema.key()) + "\""));
    for (const char* const foreign : {"<script", "http://", "https://", "src=", "@import", "url("})
        EXPECT_THAT(response.body, Not(HasSubstr(foreign)));
    EXPECT_THAT(std::string(response.headers.find("Content-Security-Policy").value_or("")),
                HasSubstr("default-src 'none'"));
}

TEST(DocsPage, CanBeUsedFromAKeyboard) {
    ApiHouse api;
    const auto page = api.get("/docs").body;
    EXPECT_THAT(page, HasSubstr("<html lang=\"en\">"));
    EXPECT_THAT(page, HasSubstr("class=\"skip\" href=\"#content\""));
    EXPECT_THAT(page, HasSubstr("<main id=\"content\">"));
    EXPECT_THAT(page, HasSubstr("<details"));
    EXPECT_THAT(page, HasSubstr(":focus-visible"));
    EXPECT_THAT(page, Not(HasSubstr("onclick")));
    // Every link within the page leads somewhere.
    for (std::size_t at = page.find("href=\"#"); at != std::string::npos; at = page.find("href=\"#", at + 1)) {
        const auto name = page.substr(at + 7, page.find('"', at + 7) - at - 7);
        EXPECT_THAT(page, HasSubstr("id=\"" + name + "\""));
    }
}

}  // namespace
}  // namespace carevoice::api
