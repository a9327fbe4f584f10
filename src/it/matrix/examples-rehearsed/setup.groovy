import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

// The examples name a version; what is tested is this one.
String version = new groovy.xml.XmlSlurper().parse(new File(basedir, 'pom.xml')).version
File examples = new File(basedir, '../../../../examples')
examples.eachFileRecurse { file ->
    if (file.isFile()) {
        File copy = new File(basedir, 'examples/' + examples.toPath().relativize(file.toPath()))
        copy.parentFile.mkdirs()
        copy.text = file.text
                .replaceAll(/(bitbucket-pipelines-maven-plugin(?::|<\/artifactId>\s*<version>))[\w.-]+/) { all, plugin ->
                    plugin + version
                }
    }
}
// The POM that README.md shows: the commands of the Jenkinsfiles are for it.
String profile = (new File(basedir, '../../../../README.md').text =~ /(?s)```xml\n(<profile>.*?)```/)[0][1]
File readme = new File(basedir, 'readme')
readme.mkdirs()
new File(readme, 'pom.xml').text = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>it</groupId>
  <artifactId>readme</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <profiles>
${profile.replaceAll(/<version>[\w.-]+<\/version>/, "<version>$version</version>")}  </profiles>
</project>
"""
new File(readme, 'bitbucket-pipelines.yml').text = new File(basedir, 'bitbucket-pipelines.yml').text
InvokerBitbucket.start(context)
return
