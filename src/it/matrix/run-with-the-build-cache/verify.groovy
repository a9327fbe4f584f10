import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def runs = bitbucket.shop().runs().countBy { it.variable('CASE').get() }
    assert runs == ['first': 1, 'without': 1, 'run-always': 1, 'run-always-cached': 1]
    def console = consoles(basedir)
    [1, 2].each { call ->
        contains(console[call],
                "The execution 'release' (run) was not done",
                'runAlways',
                'BUILD FAILURE')
    }
    assert !console[1].contains('BUILD SUCCESS')
}
