#include "api/patient_import.h"

#include "api_house.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace carevoice::api {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

net::HttpResponse import(ApiHouse& api, std::string csv, const char* type = "text/csv; charset=utf-8") {
    net::HttpRequest request{.method = "POST", .target = "/api/v1/patients/import", .body = std::move(csv)};
    request.headers.add("Content-Type", type);
    return api.send(std::move(request));
}

TEST(PatientRoutes, CreateFetchReplaceListAndDelete) {
    ApiHouse api;
    const auto created = api.post_json("/api/v1/patients", patient_json("p-1", {{"medications", {"apixaban"}}}));
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(created.headers.find("Location"), "/api/v1/patients/p-1");
    EXPECT_EQ(body_of(api.get("/api/v1/patients/p-1")).at("medications").at(0), "apixaban");
    EXPECT_EQ(api.put_json("/api/v1/patients/p-1", patient_json("p-1", {{"first_name", "Grace"}})).status, 200);
    const auto changed = body_of(api.get("/api/v1/patients/p-1"));
    EXPECT_EQ(changed.at("first_name"), "Grace");
    EXPECT_TRUE(changed.at("medications").as_array().empty());
    const auto list = api.get("/api/v1/patients");
    EXPECT_EQ(body_of(list).at("patients").as_array().size(), 2U);
    EXPECT_THAT(list.body, Not(HasSubstr("+1415")));
    EXPECT_EQ(api.remove("/api/v1/patients/p-1").status, 204);
    EXPECT_EQ(api.get("/api/v1/patients/p-1").status, 404);
    EXPECT_EQ(api.remove("/api/v1/patients/p-1").status, 404);
}

TEST(PatientRoutes, TheSameIdTwiceIsAConflict) {
    ApiHouse api;
    const auto response = api.post_json("/api/v1/patients", patient_json("ruth"));
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(field_of(response), "patient_id");
    EXPECT_EQ(body_of(api.get("/api/v1/patients/ruth")).at("first_name"), "Ruth");
}

TEST(PatientRoutes, RefusesPhonesThatAreNone) {
    ApiHouse api;
    for (const char* const phone : {"", "4155550123", "+1 415 555 0123", "+1415555", "+0123456789",
                                    "+12345678901234567", "tel:+14155550123", "+14155550123;ext=1", "+1415555O123",
                                    "\xEF\xBC\x8B"
                                    "14155550123",
                                    "911", "+1415555\n0123"}) {
        const auto response = api.post_json("/api/v1/patients", patient_json("p", {{"phone", phone}}));
        EXPECT_EQ(response.status, 400) << phone;
        EXPECT_EQ(field_of(response), "phone") << phone;
    }
    EXPECT_EQ(api.get("/api/v1/patients/p").status, 404);
}

TEST(PatientRoutes, RefusesWrongTypesMissingAndUnknownFieldsByName) {
    ApiHouse api;
    const std::vector<std::pair<json::object, const char*>> cases{
        {{{"patient_id", 1}}, "patient_id"},
        {{{"patient_id", "a b"}}, "patient_id"},
        {{{"first_name", nullptr}}, "first_name"},
        {{{"first_name", std::string(101, 'x')}}, "first_name"},
        {{{"last_name", json::object{}}}, "last_name"},
        {{{"date_of_birth", "2026-02-30"}}, "date_of_birth"},
        {{{"date_of_birth", "14.03.1957"}}, "date_of_birth"},
        {{{"procedure_family", "brain"}}, "procedure_family"},
        {{{"time_zone", "Mars/Base"}}, "time_zone"},
        {{{"medications", "apixaban"}}, "medications"},
        {{{"medications", {1}}}, "medications"},
        {{{"lives_alone", "yes"}}, "lives_alone"},
        {{{"consents", json::array{}}}, "consents"},
        {{{"consents", {{"calls", "yes"}}}}, "consents.calls"},
        {{{"consents", {{"everything", true}}}}, "consents.everything"},
        {{{"caregiver", {{"name", "Paul"}}}}, "caregiver.phone"},
        {{{"caregiver", {{"name", "Paul"}, {"phone", "0123"}}}}, "caregiver.phone"},
        {{{"care_team", {{"name", "Ward"}, {"email", "nowhere"}}}}, "care_team.email"},
        {{{"ssn", "078-05-1120"}}, "ssn"},
    };
    for (const auto& [change, field] : cases) {
        const auto response = api.post_json("/api/v1/patients", patient_json("p", change));
        EXPECT_EQ(response.status, 400) << field;
        EXPECT_EQ(field_of(response), field);
        EXPECT_THAT(response.body, Not(HasSubstr("078-05"))) << "a problem repeats patient data";
        EXPECT_THAT(response.body, Not(HasSubstr("Example"))) << "a problem repeats patient data";
    }
    EXPECT_EQ(api.get("/api/v1/patients/p").status, 404);
    api.expect_alive();
}

TEST(PatientRoutes, AnInventedFieldOfManyBytesIsNamedShortlyAndInWholeCharacters) {
    ApiHouse api;
    std::string name = "x";
    for (int i = 0; i < 5000; ++i) name += "é";
    const auto response = api.post_json("/api/v1/patients", patient_json("p", {{name, 1}}));
    EXPECT_EQ(response.status, 400);
    EXPECT_LE(field_of(response).size(), 64U);
    EXPECT_EQ(field_of(response), name.substr(0, field_of(response).size()));
}

TEST(PatientRoutes, PutNeedsTheIdOfItsPathAndKeepsAnOptOutThatItDoesNotMention) {
    ApiHouse api;
    EXPECT_EQ(field_of(api.put_json("/api/v1/patients/ruth", patient_json("other"))), "patient_id");
    EXPECT_EQ(api.put_json("/api/v1/patients/nobody", patient_json("nobody")).status, 404);
    EXPECT_EQ(api.put_json("/api/v1/patients/ruth", patient_json("ruth", {{"opted_out", true}})).status, 200);
    EXPECT_EQ(body_of(api.put_json("/api/v1/patients/ruth", patient_json("ruth"))).at("opted_out"), true);
    EXPECT_EQ(
        body_of(api.put_json("/api/v1/patients/ruth", patient_json("ruth", {{"opted_out", false}}))).at("opted_out"),
        false);
}

TEST(PatientRoutes, IdsWithTricksAreNotFound) {
    ApiHouse api;
    for (const std::string id : {"..%2fruth", "ruth%00", "%72uth%20", "ruth%0a"}) {
        EXPECT_EQ(api.get("/api/v1/patients/" + id).status, 404) << id;
        EXPECT_EQ(api.remove("/api/v1/patients/" + id).status, 404) << id;
        EXPECT_EQ(api.put_json("/api/v1/patients/" + id, patient_json("ruth")).status, 404) << id;
    }
    EXPECT_EQ(api.get("/api/v1/patients/%72uth").status, 200);  // only another spelling of the same path
}

TEST(PatientRoutes, ListPagesAndRefusesForeignCursors) {
    ApiHouse api;
    for (const char* const id : {"p-1", "p-2"}) api.post_json("/api/v1/patients", patient_json(id));
    const auto first = body_of(api.get("/api/v1/patients?limit=2"));
    EXPECT_EQ(first.at("patients").as_array().size(), 2U);
    const auto cursor = std::string(first.at("next_cursor").as_string());
    EXPECT_EQ(body_of(api.get("/api/v1/patients?limit=2&cursor=" + cursor)).at("patients").as_array().size(), 1U);
    EXPECT_EQ(field_of(api.get("/api/v1/calls?cursor=" + cursor)), "cursor");
    EXPECT_EQ(field_of(api.get("/api/v1/patients?limit=1e3")), "limit");
}

// ---- CSV

TEST(PatientImport, AddsChangesAndReportsRowByRow) {
    ApiHouse api;
    const auto response = import(api,
                                 "patient_id,first_name,last_name,date_of_birth,phone,medications\r\n"
                                 "new-1,Ada,Example,1960-01-02,+14155550111,a;b\r\n"
                                 "ruth,,,,+14155550199,\r\n"
                                 "bad-1,Ada,Example,1960-01-02,555-0111,\r\n"
                                 "bad-2,Ada\r\n"
                                 "ruth,,,,,\r\n");
    EXPECT_EQ(response.status, 200);
    const auto report = body_of(response);
    EXPECT_EQ(report.at("imported"), 1);
    EXPECT_EQ(report.at("updated"), 1);
    EXPECT_EQ(report.at("rejected"),
              json::parse(R"([{"row":4,"field":"phone","detail":"Must be a telephone number in E.164 form."},
                              {"row":5,"field":null,"detail":"has 2 cells; the header has 6"},
                              {"row":6,"field":"patient_id","detail":"The same patient as in row 3."}])"));
    const auto ruth = body_of(api.get("/api/v1/patients/ruth"));
    EXPECT_EQ(ruth.at("first_name"), "Ruth");
    EXPECT_EQ(ruth.at("phone"), "+14155550199");
    EXPECT_EQ(body_of(api.get("/api/v1/patients/new-1")).at("medications").as_array().size(), 2U);
    EXPECT_EQ(api.get("/api/v1/patients/bad-1").status, 404);
    EXPECT_THAT(response.body, Not(HasSubstr("555-0111")));
}

TEST(PatientImport, TheSameFileAgainChangesNothing) {
    ApiHouse api;
    std::string csv = "patient_id,first_name,last_name,date_of_birth,phone\n";
    for (int i = 0; i < 120; ++i) csv += "p-" + std::to_string(i) + ",Ada,Example,1960-01-02,+14155550111\n";
    EXPECT_EQ(body_of(import(api, csv)), json::parse(R"({"imported":120,"updated":0,"rejected":[]})"));
    EXPECT_EQ(body_of(import(api, csv)), json::parse(R"({"imported":0,"updated":120,"rejected":[]})"));
}

TEST(PatientImport, RefusesFilesThatAreNone) {
    ApiHouse api;
    for (const std::string& csv :
         {std::string(), std::string("name\nAda\n"), std::string("patient_id\n\"open\n"), std::string("\xff\xfe"),
          std::string("\0\0", 2), std::string("patient_id,patient_id\n")})
        EXPECT_EQ(import(api, csv).status, 400) << csv;
    EXPECT_EQ(field_of(import(api, "patient_id\n", "application/json")), "Content-Type");
    std::string many = "patient_id\n";
    for (int i = 0; i < 10'001; ++i) many += "p" + std::to_string(i) + "\n";
    EXPECT_EQ(import(api, many).status, 413);
    EXPECT_EQ(import(api, "patient_id\n" + std::string(1024 * 1024, '\n')).status, 413);
    EXPECT_EQ(body_of(api.get("/api/v1/patients")).at("patients").as_array().size(), 1U);
    api.expect_alive();
}

}  // namespace
}  // namespace carevoice::api
