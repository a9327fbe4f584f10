package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiUrlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://api.bitbucket.org/2.0", "https://api.bitbucket.org/2.0/", " https://api.bitbucket.org ",
                "HTTPS://proxy.example:8443/bitbucket/2.0", "http://localhost:8080/2.0", "http://127.0.0.1:1/2.0",
                "http://127.9.9.9/2.0", "http://[::1]:8080/2.0", "http://[0:0:0:0:0:0:0:1]/2.0"
            })
    void httpsAndThisMachineAreGood(String url) {
        assertThat(ApiUrl.of(url).resource("user").getPath()).endsWith("/user").doesNotContain("//");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://api.bitbucket.org/2.0 | must be https",
                "http://127.0.0.1.evil.example/2.0 | must be https",
                "http://localhost.evil.example/2.0 | must be https",
                "http://0.0.0.0/2.0 | must be https",
                "http://[::2]/2.0 | must be https",
                "http://[fe80::1]/2.0 | must be https",
                "https://jane:s3cret@api.bitbucket.org/2.0 | must not contain credentials",
                "https://s3cret@api.bitbucket.org/2.0 | must not contain credentials",
                "https://jane:s3 cret@api.bitbucket.org/2.0 | is not a valid URL",
                "https://api.bitbucket.org/2.0?token=s3cret | must not have a query",
                "https://api.bitbucket.org/2.0#s3cret | must not have a fragment",
                "api.bitbucket.org/2.0 | is not an https URL with a host name",
                "ftp://api.bitbucket.org/2.0 | is not an https URL with a host name",
                "https:///2.0 | is not an https URL",
                "https:s3cret | is not an https URL",
                "'' | is not an https URL",
            })
    void anythingElseIsRefusedWithoutShowingIt(String url, String why) {
        assertThatThrownBy(() -> ApiUrl.of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The apiUrl ")
                .hasMessageContaining(why)
                .hasMessageNotContaining("s3")
                .hasNoCause();
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.bitbucket.org/2.0/next, true",
        "https://API.bitbucket.org:443/x, true",
        "http://api.bitbucket.org/2.0, false",
        "https://api.bitbucket.org:8443/2.0, false",
        "https://api.bitbucket.org.evil.example/2.0, false",
        "https://bitbucket.org/2.0, false",
        "/2.0/relative, false",
        "https://api.bitbucket.org@evil.example/, false"
    })
    void theOriginIsSchemeHostAndPort(URI uri, boolean same) {
        assertThat(ApiUrl.of("https://api.bitbucket.org/2.0").isOrigin(uri)).isEqualTo(same);
    }

    @Test
    void segmentsAreEncodedAndNeverClimb() {
        ApiUrl api = ApiUrl.of("https://api.bitbucket.org/2.0");
        assertThat(api.resource("a/b", "{u}", "ü?#%", "~-._"))
                .hasToString("https://api.bitbucket.org/2.0/a%2Fb/%7Bu%7D/%C3%BC%3F%23%25/~-._");
        assertThatThrownBy(() -> api.resource("..")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> api.resource("")).isInstanceOf(IllegalArgumentException.class);
    }
}
