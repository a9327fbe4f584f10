import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    def runs = { bitbucket.embedded().repository('acme', it).runs() }
    def consoles = InvokerBitbucket.consoles(basedir)
    assert consoles.size() == 8
    contains(consoles[0], 'api #1: Pipeline #1 on branch main of acme/bad ended FAILED', 'not run: lone, join')
    contains(consoles[1], 'api #2: Pipeline #2 on branch main of acme/bad ended FAILED', 'web #2: ', 'not run: lone, join')
    contains(consoles[2], '1 of 5 runs did not succeed: api; not run: join')
    contains(consoles[3], 'All 5 runs are SUCCESSFUL')
    contains(consoles[4], 'the runs need each other in a circle: ', 'api needs join', 'join needs api')
    contains(consoles[5], "Parameter 'runs': two POMs, profiles or sections have it", 'combine.self="override"')
    contains(consoles[6], "Parameter 'runs': it has no <run>")
    contains(consoles[7], '[INFO] The run is SUCCESSFUL')
    // Twice with onFailure=continue and all well, and alone; never after the failure of api, and never in a circle.
    assert runs('none').size() == 4
    assert runs('bad').size() == 3
    assert runs('web').size() == 4
    assert runs('web')*.stopRequests() == [0, 1, 0, 0]
    assert runs('lone').size() == 3
    assert runs('join').size() == 1
    assert runs('join')[0].variable('ALL').get() == 'good web'
}
return
