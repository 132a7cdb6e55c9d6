using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Raywright.Server.Models;

/// <summary>A case that somebody proposes for a model. It counts for nothing until a person takes it into the cases file.</summary>
internal sealed class ProposedCaseRow
{
    public long Id { get; set; }

    public required string Model { get; init; }

    /// <summary>Whose answer was wrong; null where nobody said.</summary>
    public int? Version { get; init; }

    /// <summary>As it stands in a cases file.</summary>
    public required string Line { get; init; }

    public required long At { get; init; }

    public required string By { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<ProposedCaseRow>
    {
        public void Configure(EntityTypeBuilder<ProposedCaseRow> builder)
        {
            builder.ToTable("proposed_cases");
            builder.HasKey(row => row.Id);
            builder.Property(row => row.Id).ValueGeneratedOnAdd();
            builder.HasIndex(row => row.Model);
        }
    }
}
