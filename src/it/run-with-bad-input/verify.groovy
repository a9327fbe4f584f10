import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    assert bitbucket.embedded().requests().isEmpty()
    contains(log(basedir),
            'Maven is offline',
            "There is no parameter 'timout': did you mean 'timeout'",
            "There is no parameter 'waitPollingInterval': did you mean 'pollInterval'",
            "[WARNING] There is no parameter 'queueTimout' (property bitbucket.queueTimout of the POM): did you mean 'queueTimeout'",
            "There is no parameter 'brunch' (-Dbitbucket.brunch): did you mean 'branch'",
            'refers to ${no.such.property}')
}
