import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.consoles
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def runs = bitbucket.shop().runs()
            .groupBy { it.variable('CASE').get() }
            .collectEntries { name, runs -> [name, runs.collect { it.variable('WHAT').orElse('-') }.sort()] }
    assert runs == [
            'last-parallel-1': ['c'],
            'last-parallel-2': ['c'],
            'last-parallel-3': ['c'],
            'every-parallel': ['a', 'b', 'c', 'parent'],
            'unbound-last': ['unbound-b'],
            'unbound-every': ['unbound-a', 'unbound-b'],
    ]
    def console = consoles(basedir)
    [0, 1, 6].each { call ->
        contains(console[call],
                "What the execution 'release' (run) would send differs between the modules that have it",
                'WHAT',
                '<reactor>last</reactor>',
                '<reactor>every</reactor>',
                'BUILD FAILURE')
    }
}
return
