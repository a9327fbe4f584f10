import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(0)
    String console = consoles(basedir)[0]
    assert console.contains('rehearsal')
    assert !console.contains('[INFO]')
    assert consoles(basedir)[1].readLines().any { it.contains('[WARNING]') && it.contains('rehearsal') }
}
