import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import groovy.json.JsonSlurper
import groovy.xml.XmlSlurper
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    // Checks the JSON by its schema, and the others by their own rules.
    String log = log(basedir)
    String path = ['target', 'bitbucket-pipelines', 'release.html'].join(File.separator)
    contains(log, 'Report: ' + path, 'Report of #42: ' + path, "ended FAILED in step 'Unit tests <all>'")

    File reports = new File(basedir, 'target/bitbucket-pipelines')
    assert reports.list().sort() == ['TEST-release-step-2.xml', 'TEST-release.xml', 'release.css', 'release.html', 'release.json']

    def json = new JsonSlurper().parse(new File(reports, 'release.json'))
    assert json.number == 42
    assert json.workspace == 'acme' && json.repository == 'shop' && json.target.branch == 'main'
    assert json.result == 'FAILED' && json.outcome == 'OVER' && json.verdict == 'FAIL'
    assert json.url == 'https://bitbucket.org/acme/shop/pipelines/results/42'
    assert json.queueSeconds >= 0 && json.runSeconds > 0.3 && json.noticedAfterSeconds >= 0
    assert json.requests > 3
    assert json.steps*.result == ['SUCCESSFUL', 'FAILED', 'SUCCESSFUL', 'NOT_RUN']
    assert json.steps[1].tests == [passed: 1, failed: 1, errors: 0, skipped: 1, complete: true]

    def steps = new XmlSlurper().parse(new File(reports, 'TEST-release.xml'))
    assert steps.testcase*.@name*.text() == ['Build', 'Unit tests <all>', 'Lint', 'Deploy']
    assert steps.testcase[1].failure.text().contains('[ERROR] 1 < 2')
    assert steps.testcase[3].skipped.@message == 'NOT_RUN'
    def tests = new XmlSlurper().parse(new File(reports, 'TEST-release-step-2.xml'))
    assert tests.testcase*.@classname*.text().toSet() == ['com.acme.CartTest'].toSet()
    assert tests.testcase.find { it.@name == 'addsUp' }.failure.text().contains('CartTest.java:31')
    assert tests.testcase.find { it.@name == 'ships' }.skipped.size() == 1

    String html = new File(reports, 'release.html').text
    contains(html, 'Unit tests &lt;all&gt;', '[ERROR] 1 &lt; 2', 'addsUp', 'CartTest.java:31',
            'https://bitbucket.org/acme/shop/pipelines/results/42', '<svg')
    assert !html.contains('<all>')
}
