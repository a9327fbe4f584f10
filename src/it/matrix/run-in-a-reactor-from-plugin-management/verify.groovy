import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def runs = bitbucket.shop().runs()
            .groupBy { it.variable('CASE').get() }
            .collectEntries { name, runs -> [name, runs.collect { it.variable('WHAT').orElse('-') }.sort()] }
    assert runs == ['last': ['b'], 'every': ['a', 'b']]
    contains(consoles(basedir)[0],
            "What the execution 'release' (run) would send differs between the modules that have it",
            '<reactor>last</reactor>',
            '<reactor>every</reactor>',
            'BUILD FAILURE')
}
