using System.Collections.Immutable;
using System.Net;
using System.Text;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Gateway.Routing;

namespace Raywright.Gateway.Protocols;

/// <summary>One plain page for people who have a key and a question: what each model takes, gives, and a command to paste.</summary>
internal static class DocumentationPage
{
    private const string Style = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
        + "table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}pre{overflow:auto;padding:.8rem;border:1px solid #8884;border-radius:6px}";

    public static string Write(string environment, IEnumerable<EndpointRoute> endpoints)
    {
        StringBuilder page = new($"<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Models in {Encode(environment)}</title><style>{Style}</style><h1>Models in {Encode(environment)}</h1>");
        foreach (EndpointRoute endpoint in endpoints)
            Append(page, endpoint);
        return page.Append("<p><a href=openapi.json>OpenAPI document</a></p>").ToString();
    }

    private static void Append(StringBuilder page, EndpointRoute endpoint)
    {
        page.Append($"<h2>{Encode(endpoint.Model)}</h2>");
        if (endpoint.Traffic.Count == 0)
        {
            page.Append("<p>Nothing serves it now.</p>");
            return;
        }
        Contract contract = endpoint.Traffic[0].Revision.Config.Contract;
        page.Append("<table><tr><th>Input<th>Type<th>Shape<th>Meaning");
        foreach (InputField input in contract.Inputs)
            page.Append($"<tr><td>{Encode(input.Name)}<td>{input.Type}<td>[{string.Join(", ", input.Shape)}]<td>{Encode(input.Description ?? string.Join(", ", input.Columns))}{Encode(In(input.Units))}");
        page.Append("<tr><th>Output<th>Type<th>Shape<th>Classes");
        foreach (OutputField output in contract.Outputs)
            page.Append($"<tr><td>{Encode(output.Name)}<td>{output.Type}<td>[{string.Join(", ", output.Shape)}]<td>{Encode(string.Join(", ", output.Labels?.Names.Take(20) ?? []))}{Encode(In(output.Units))}");
        string streams = endpoint.Traffic[0].Revision.Streams ? "<p>It streams: with <code>Accept: text/event-stream</code> the answer comes in parts, as the OpenAPI document says." : "";
        string body = Encoding.UTF8.GetString(SampleInputs.Body(contract));
        page.Append($"</table><pre>curl -X POST $SERVER/serve/{Encode(endpoint.Environment)}/predict/{Encode(endpoint.Model)} \\\n  -H \"Authorization: Bearer $KEY\" -H 'Content-Type: application/json' \\\n  -d '{Encode(body)}'</pre>{streams}");
    }

    private static string In(ImmutableArray<string>? units) => units is { } names ? $" in {string.Join(", ", names)}" : "";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
