package io.github.bitbucketpipelines.maven.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many runs of one account stay within Bitbucket's limit of 1,000 requests in any hour, triggers included. */
class SharedAccountTest {
    @ParameterizedTest
    @CsvSource({"1, 0, 16", "8, 0, 20", "30, 0, 60", "30, 10, 90"})
    void runsOfOneTo20MinutesShareTheHour(int runs, int minutes, double maxMeanDelay) throws Exception {
        SharedAccount account = SharedAccount.watch(runs, Duration.ofMinutes(minutes));

        assertThat(account.mostInAnHour()).isLessThanOrEqualTo(1000);
        assertThat(account.meanDelay()).isLessThan(maxMeanDelay);
    }

    @Tag("soak")
    @ParameterizedTest
    @CsvSource({"0", "5", "10", "20", "40"})
    void twoHundredRunsOfOneTo20MinutesStayBelowTheHourlyLimit(int minutes) throws Exception {
        SharedAccount account = SharedAccount.watch(200, Duration.ofMinutes(minutes));

        assertThat(account.mostInAnHour()).isLessThanOrEqualTo(1000);
        assertThat(account.maxDelay()).isLessThan(Duration.ofMinutes(70));
    }

    @Tag("soak")
    @Test
    void twoHundredLongRunsStayBelowTheHourlyLimit() throws Exception {
        List<Duration> lasting =
                new Random(1).ints(200, 60, 240).mapToObj(Duration::ofMinutes).toList();

        SharedAccount account = SharedAccount.watch(lasting, Duration.ofMinutes(10));

        assertThat(account.mostInAnHour()).isLessThanOrEqualTo(1000);
        assertThat(account.maxDelay()).isLessThan(Duration.ofMinutes(70));
    }

    @ParameterizedTest
    @CsvSource({"200, 0", "8, 0", "30, 0", "200, 10", "200, 60"})
    void endOfEachOfTwoHundredShortRunsIsDetectedWithinTwoMinutesInTheMedian(int builds, int minutes) throws Exception {
        SharedAccount account = SharedAccount.watch(
                Collections.nCopies(200, Duration.ofSeconds(20)), builds, Duration.ofMinutes(minutes));

        assertThat(account.mostInAnHour()).isLessThanOrEqualTo(800);
        assertThat(account.medianDelay()).isLessThan(Duration.ofMinutes(2));
        assertThat(account.maxDelay()).isLessThan(Duration.ofMinutes(10));
    }

    @Tag("soak")
    @Test
    void hundredShortRunsAreDetectedWithinTenMinutes() throws Exception {
        SharedAccount account =
                SharedAccount.watch(Collections.nCopies(100, Duration.ofSeconds(30)), Duration.ofMinutes(5));

        assertThat(account.mostInAnHour()).isLessThanOrEqualTo(1000);
        assertThat(account.maxDelay()).isLessThan(Duration.ofMinutes(10));
    }
}
