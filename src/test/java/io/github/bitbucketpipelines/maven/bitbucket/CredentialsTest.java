package io.github.bitbucketpipelines.maven.bitbucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Basic;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.Bearer;
import io.github.bitbucketpipelines.maven.bitbucket.Credentials.OAuthConsumer;
import io.github.bitbucketpipelines.maven.pipeline.SecretMasker;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
    @Test
    void nothingShowsItsSecret() {
        assertThat(List.of(
                        new Basic("jane", "s3cret"),
                        new Bearer("s3cret"),
                        new OAuthConsumer("k3y", "s3cret", OAuthConsumer.TOKEN_URL),
                        new ProxySettings(
                                "proxy.example", 3128, Optional.of("jane"), Optional.of("s3cret"), "of settings.xml"),
                        new SecretMasker(List.of("s3cret"))))
                .allSatisfy(secret -> assertThat(secret.toString()).doesNotContain("s3cret", "jane", "k3y"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "tok en", "token\n", "tökén", "token\r\nX-Evil: 1"})
    void aTokenThatNoHeaderCanCarryIsRefusedWithoutShowingIt(String token) {
        assertThatThrownBy(() -> new Bearer(token))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The access token for Bitbucket ")
                .hasMessageNotContaining("tok en");
    }

    @Test
    void namesThatBasicCannotCarryAreRefused() {
        assertThatThrownBy(() -> new Basic("a:b", "x")).hasMessageContaining("must not contain a ':'");
        assertThatThrownBy(() -> new Basic(" ", "x")).hasMessageContaining("is empty");
        assertThatThrownBy(() -> new Basic("a", "")).hasMessageContaining("is empty");
        assertThatThrownBy(() -> new OAuthConsumer("a:b", "x", OAuthConsumer.TOKEN_URL))
                .hasMessageContaining("must not contain a ':'");
    }

    @Test
    void aSecretIsNeverSentToAPlainHttpTokenUrl() {
        URI plain = URI.create("http://bitbucket.org/site/oauth2/access_token");
        assertThatThrownBy(() -> new OAuthConsumer("a", "x", plain))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The tokenUrl must be https");
    }
}
